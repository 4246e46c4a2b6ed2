import { clock, left, moment } from "../lib/format";
import { now } from "../lib/clock";
import type { Contact } from "../lib/model";
import { me } from "../lib/views";
import { say } from "../text/desk";
import { OfferCard } from "../ui/offer-card";
import { Timer } from "../ui/timer";
import { type WorkItem, WorkList } from "../ui/work-list";
import { contactLine, contactName, isConsulting, shownState } from "./contact";
import { isDown } from "./link";
import { noteOf } from "./notes";
import { accept, folded, instead, offerView, skip } from "./offers";
import { focusSoon, parked, select, selected, working } from "./place";
import { keyFor } from "./shortcuts";

const HELD_LONG_MS = 60_000;

export function WorkPane() {
  const agent = me.value;
  return (
    <section class="work" aria-label={say("my_work")} data-pane tabIndex={-1}>
      <WorkList
        items={working.value.map(item)}
        parked={parked.value.map(item)}
        selected={selected.value?.id ?? null}
        load={agent?.load ?? null}
        offered={agent?.offered_load ?? 0}
        onSelect={select}
        slot={<Slot />}
      />
    </section>
  );
}

function Slot() {
  const view = offerView.value;
  const agent = me.value;
  const room = agent ? 100 - agent.load : 0;
  if (view) {
    const press = (): void => {
      void accept();
      focusSoon("[data-contact-heading]");
    };
    return (
      <div class="slot">
        <OfferCard
          key={view.key}
          offer={view}
          acceptKey={keyFor("accept")}
          skipKey={keyFor("skip")}
          instead={instead.value}
          reason={isDown() && view.channel !== "voice" ? say("offline_reason") : null}
          onAccept={press}
          onSkip={skip}
        />
      </div>
    );
  }
  if (folded.value) return <div class="slot"><p class="folded small">{folded.value.text}</p></div>;
  if (!agent?.ready || room <= 0) return null;
  return <div class="slot"><p class="idle small muted">{say("room_left", { left: room })}</p></div>;
}

function item(contact: Contact): WorkItem {
  const shown = shownState(contact);
  const note = noteOf(contact.id);
  return {
    id: contact.id,
    href: `/meja/k/${contact.id}`,
    channel: contact.channel,
    name: contactName(contact),
    state: shown.state,
    stateWord: shown.word,
    stateIcon: shown.icon,
    line: contactLine(contact),
    urgent: urgent(contact),
    time: contact.phase === "wrapping" ? null : <Timer since={contact.since} />,
    draft: note.text !== "" && contact.phase !== "talking",
  };
}

function urgent(contact: Contact) {
  // By video nobody is put on hold for a colleague.
  if (contact.phase === "held" || (isConsulting(contact) && contact.channel !== "video")) {
    return <b class="plum">{say("held_for", { time: left(now.value - contact.since) })}</b>;
  }
  if (contact.phase === "wrapping" && contact.until !== null) {
    return <b class={contact.until - now.value < HELD_LONG_MS / 6 ? "near" : "muted"}>{say("wrap_left", { time: left(contact.until - now.value) })}</b>;
  }
  if (contact.phase === "parked" && contact.until !== null) {
    return <span class="muted">{say("back_at", { time: contact.until - now.value < 86_400_000 ? clock(contact.until) : moment(contact.until, now.value) })}</span>;
  }
  return null;
}
