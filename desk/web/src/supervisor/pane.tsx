// The right pane: what was chosen, and what can be done with it.

import { clock } from "../lib/format";
import { may } from "../lib/session";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Outcome } from "./act";
import { AgentDetail } from "./agent-detail";
import { ContactDetail } from "./contact-detail";
import { QueueDetail } from "./queue-detail";
import { room, selection, sheet } from "./state";

export function Pane() {
  const chosen = selection.value;
  return (
    <aside class="details" aria-label={say("details")} data-pane tabIndex={-1}>
      {chosen?.kind === "contact" && <ContactDetail key={chosen.id} id={chosen.id} />}
      {chosen?.kind === "agent" && <AgentDetail key={chosen.id} id={chosen.id} />}
      {chosen?.kind === "queue" && <QueueDetail key={chosen.id} id={chosen.id} />}
      {!chosen && <RoomNow />}
    </aside>
  );
}

function RoomNow() {
  const { centre } = room.value;
  return (
    <>
      <h2>{say("room_now")}</h2>
      <p class="muted">{say("room_hint")}</p>
      {centre && (
        <>
          <div class="label">{say("links")}</div>
          <ul class="plain">
            {centre.links.map((each) => (
              <li key={each.name} class="row">
                <Icon name={each.up ? "plug-connected" : "plug-connected-x"} />
                <span class="grow">{each.name}</span>
                <span class={each.up ? "muted" : "over"}>{each.up ? say("link_up") : say("link_down", { time: clock(each.since) })}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Outcome about="note" />
      <Outcome about="emergency" />
      <span class="grow" />
      {may("rule") && centre && (
        <div class="row">
          <Button popup="dialog" icon="lock" onPress={() => { sheet.value = centre.closed ? "reopen" : "emergency"; }}>
            {centre.closed ? say("reopen") : say("emergency")}
          </Button>
        </div>
      )}
    </>
  );
}
