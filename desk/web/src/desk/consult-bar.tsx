import { now } from "../lib/clock";
import { running } from "../lib/format";
import type { Contact } from "../lib/model";
import { desk } from "../lib/views";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import type { IconName } from "../ui/icons";
import { StateChip, Thread, type ThreadState } from "../ui/thread";
import { colleagueName, contactName, isThere, partyOf } from "./contact";
import { verb } from "./doing";
import { isDown } from "./link";

/** Who hears whom, drawn as three people on a thread, and the ways out of it. */
export function ConsultBar({ contact }: { readonly contact: Contact }) {
  const colleague = partyOf(contact, "colleague") ?? partyOf(contact, "outside");
  const consultation = contact.call?.consult ? desk.value.get(contact.call.consult) : undefined;
  const name = colleague?.who === "outside" ? say("outside") : colleagueName(colleague?.agent);
  const joined = isThere(colleague);
  const all = contact.call?.talking_to === "all";
  const withCustomer = (contact.call?.talking_to ?? "customer") === "customer";
  const offline = isDown() ? say("offline_reason") : null;
  const waits = joined ? offline : say("consult_calling", { who: name });
  return (
    <div class="consult">
      <div class="people">
        <Person
          who={contactName(contact)} state={all || withCustomer ? "talking" : "held"}
          hears={all ? say("heard_by_all") : withCustomer ? say("hears_you") : say("hears_music")}
        />
        <Thread flat state={all || withCustomer ? "talking" : "held"} />
        <Person who={say("you")} state="talking" hears={all ? say("heard_by_all") : withCustomer ? say("heard_by_customer") : say("heard_by", { who: name })} />
        <Thread flat state={!joined ? "ringing" : all ? "talking" : withCustomer ? "held" : "consulting"} />
        <Person
          who={name} state={!joined ? "ringing" : withCustomer ? "held" : "talking"}
          hears={consultation ? running(now.value - consultation.since) : joined ? say("colleague") : say("state_ringing")}
        />
      </div>
      <div class="row">
        <Button kind="primary" wide icon="arrow-forward-up" keys="F7" reason={waits} onPress={() => verb(contact, "complete")}>
          {say("complete_to", { who: name })}
        </Button>
        {!all && <Button icon="users" reason={waits} onPress={() => verb(contact, "confer")}>{say("confer")}</Button>}
        {joined && !all && <Button icon="refresh" reason={offline} onPress={() => verb(contact, "toggle")}>{say("toggle")}</Button>}
        <Button keys="Escape" reason={offline} onPress={() => verb(contact, "end-consult")}>{say("back_to_caller")}</Button>
      </div>
    </div>
  );
}

const CHIP: Readonly<Partial<Record<ThreadState, readonly [IconName, "state_held" | "state_talking" | "state_ringing"]>>> = {
  held: ["phone-pause", "state_held"], talking: ["microphone", "state_talking"], ringing: ["phone-outgoing", "state_ringing"],
};

function Person({ who, state, hears }: { readonly who: string; readonly state: ThreadState; readonly hears: string }) {
  const [icon, word] = CHIP[state] ?? ["phone", "state_talking"];
  return (
    <div class="person">
      <StateChip state={state} icon={icon}>{say(word)}</StateChip>
      <b class="clamp"><bdi>{who}</bdi></b>
      <span class="small muted">{hears}</span>
    </div>
  );
}
