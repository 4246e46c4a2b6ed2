import { signal } from "@preact/signals";
import type { Contact } from "../lib/model";
import { queueName } from "../lib/session";
import { CHANNEL_ICON } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Icon } from "../ui/icon";
import type { Column, Sort } from "../ui/table";
import { StateChip, Thread } from "../ui/thread";
import { Timer } from "../ui/timer";
import { place } from "./attention";
import { Filters } from "./filters";
import { callerName, contactState } from "./shown";
import { type ContactFilter, agentName, contactFilter, limitOfChannel, queueFilter, room, select, selection } from "./state";
import { SteadyTable } from "./steady-table";

const sort = signal<Sort>({ column: "since", down: true });

const FILTERS: readonly ContactFilter[] = ["all", "waiting", "offered", "talking", "parked"];

function passes(contact: Contact, filter: ContactFilter): boolean {
  if (filter === "all") return true;
  if (filter === "talking") return contact.phase === "talking" || contact.phase === "held";
  if (filter === "offered") return contact.phase === "offered" || contact.phase === "connecting";
  return contact.phase === filter;
}

function inQueue(): readonly Contact[] {
  const queue = queueFilter.value;
  return [...room.value.contacts.values()].filter((contact) => queue === null || contact.queue === queue);
}

export const contactCount = (): number => inQueue().length;

export function ContactFilters() {
  const all = inQueue();
  const options = FILTERS.map((id) => ({ id, count: all.filter((contact) => passes(contact, id)).length }));
  return <Filters options={options} chosen={contactFilter.value} onChoose={(id) => { contactFilter.value = id; }} />;
}

export function ContactTable() {
  const filter = contactFilter.value;
  const rows = inQueue().filter((contact) => passes(contact, filter));
  const chosen = selection.value;
  return (
    <SteadyTable
      label={say("contacts")} columns={columns()} rows={rows} rowKey={(contact) => contact.id} sort={sort.value}
      onSort={(asked) => { sort.value = asked; }} selected={chosen?.kind === "contact" ? chosen.id : null}
      onSelect={(contact) => select("contact", contact.id)} asked={`${filter} ${queueFilter.value ?? ""}`}
      empty={room.value.known ? say("no_contacts") : say("loading")}
    />
  );
}

/** A contact that waits counts from its arrival; any other from the beginning of its state. */
export const lasts = (contact: Contact): number => (contact.phase === "waiting" ? contact.arrived_at : contact.since);

export function placeOf(contact: Contact): number | null {
  return contact.phase === "waiting" ? place(contact, room.value.contacts.values()) : null;
}

function columns(): readonly Column<Contact>[] {
  return [
    {
      id: "caller", label: say("caller"), heading: true, order: (a, b) => callerName(b).localeCompare(callerName(a)),
      cell: (contact) => (
        <button type="button" class="row-name">
          <Thread state={contactState(contact).state} /><Icon name={CHANNEL_ICON[contact.channel]} />
          <span class="unseen">{common(contact.channel)}</span><bdi class="clamp">{callerName(contact)}</bdi>
        </button>
      ),
    },
    {
      id: "state", label: say("state"), order: (a, b) => a.phase.localeCompare(b.phase),
      cell: (contact) => {
        const shown = contactState(contact);
        return <StateChip state={shown.state} icon={shown.icon}>{shown.word}</StateChip>;
      },
    },
    {
      id: "place", label: say("place"), number: true, order: (a, b) => (placeOf(b) ?? 1e6) - (placeOf(a) ?? 1e6),
      cell: (contact) => placeOf(contact) ?? "–",
    },
    {
      id: "since", label: say("waited"), number: true, order: (a, b) => lasts(b) - lasts(a),
      cell: (contact) => {
        const limit = contact.phase === "waiting" ? limitOfChannel(contact.channel) : null;
        return <Timer since={lasts(contact)} {...(limit ? { warnAt: limit / 2 } : {})} />;
      },
    },
    {
      id: "queue", label: say("queue"), order: (a, b) => queueName(b.queue).localeCompare(queueName(a.queue)),
      cell: (contact) => <span class="clamp">{contact.queue ? queueName(contact.queue) : "–"}</span>,
    },
    {
      id: "with", label: say("with_agent"), order: (a, b) => agentName(b.agent).localeCompare(agentName(a.agent)),
      cell: (contact) => <bdi class="clamp">{agentName(contact.agent)}</bdi>,
    },
  ];
}
