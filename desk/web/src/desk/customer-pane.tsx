import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { tell } from "../lib/api";
import { clock, running } from "../lib/format";
import type { Contact } from "../lib/model";
import { languageName, queueName } from "../lib/session";
import { say as common } from "../text/common";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { CHANNEL_ICON } from "../lib/words";
import { AppointmentFact } from "./appointment";
import { contactName } from "./contact";
import { Disposition } from "./disposition";
import { attempt } from "./doing";
import { selected } from "./place";
import { SidePanel } from "./side";

export function CustomerPane() {
  const contact = selected.value;
  return (
    <aside class="customer" aria-label={say("customer")} data-pane tabIndex={-1}>
      {contact && <Facts key={contact.id} contact={contact} />}
      {contact && <SidePanel key={`side-${contact.id}`} contact={contact} />}
      {contact && <Disposition key={`category-${contact.id}`} contact={contact} />}
    </aside>
  );
}

function Facts({ contact }: { readonly contact: Contact }) {
  const revealed = useSignal<string | null>(null);
  useEffect(() => {
    revealed.value = null;
  }, [contact.id]);
  const reveal = (): Promise<boolean> =>
    attempt(contact.id, async () => {
      revealed.value = (await tell<{ readonly caller: string }>(`/interactions/${contact.id}/reveal`)).caller;
    });
  return (
    <div class="facts">
      <div class="identity">
        <span class="avatar" aria-hidden="true"><Icon name={CHANNEL_ICON[contact.channel]} /></span>
        <b class="clamp"><bdi>{revealed.value ?? contactName(contact)}</bdi></b>
        <span class="small muted">{contact.queue ? queueName(contact.queue) : common(contact.channel)}</span>
      </div>
      <dl>
        {contact.caller && (
          <>
            <dt>{say(contact.channel === "video" ? "given_name" : "number")}</dt>
            <dd class="row">
              <bdi class="grow clamp" title={revealed.value ?? contact.caller}>{revealed.value ?? contact.caller}</bdi>
              {!revealed.value && contact.channel !== "video" && (
                <Button kind="quiet" size="small" icon="eye" name={`${say("reveal")}. ${say("reveal_hint")}`} onPress={reveal} />
              )}
            </dd>
          </>
        )}
        <dt>{say("dialled")}</dt><dd>{common(contact.channel)}</dd>
        {contact.language && (<><dt>{say("language")}</dt><dd>{languageName(contact.language)}</dd></>)}
        {contact.queue && (<><dt>{say("queue")}</dt><dd>{queueName(contact.queue)}</dd></>)}
        <AppointmentFact contact={contact} />
        <dt>{say("arrived")}</dt><dd>{clock(contact.arrived_at)} {common("zone")}</dd>
        {contact.offer?.why && (<><dt>{say("waited")}</dt><dd>{running(contact.offer.why.waited_ms)}</dd></>)}
      </dl>
    </div>
  );
}
