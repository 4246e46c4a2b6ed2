import type { Contact } from "../lib/model";
import { say as common } from "../text/by-telephone";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { StateChip } from "../ui/thread";
import { isThere } from "./contact";
import { verb } from "./doing";
import { isDown } from "./link";

/** Telephones outside in a video call, each with its way out. */
export function RoomTelephones({ contact }: { readonly contact: Contact }) {
  const telephones = contact.call?.parties?.filter((party) => party.who === "outside") ?? [];
  const offline = isDown() ? say("offline_reason") : null;
  return (
    <>
      {telephones.map((party, index) => {
        const name = telephones.length > 1 ? common("outside_number", { count: index + 1 }) : say("outside");
        return (
          <div class="consult" role="group" aria-label={name} key={party.consult ?? index}>
            <div class="row">
              <StateChip state={isThere(party) ? "talking" : "ringing"} icon={isThere(party) ? "phone" : "phone-outgoing"}>
                {say(isThere(party) ? "state_talking" : "state_ringing")}
              </StateChip>
              <b class="grow">{name}</b>
              <Button
                icon="phone-off" reason={offline}
                onPress={() => verb(contact, "end-consult", { consult: party.consult ?? null })}
              >
                {say("end_telephone")}
              </Button>
            </div>
          </div>
        );
      })}
    </>
  );
}
