// What the server says is so, as signals: one map a topic, and the single values. Pages read; only `take` writes.

import { batch, computed, signal } from "@preact/signals";
import { setServerTime } from "./clock";
import type {
  Agent, Centre, Colleague, Contact, Frame, Notice, Queue, Snapshot, StreamEvent, Wallboard,
} from "./model";

type Map_<T> = ReadonlyMap<string, T>;

const none = new Map<string, never>();

/** The agent of this desk. */
export const me = signal<Agent | null>(null);
/** This desk's contacts, by id. */
export const desk = signal<Map_<Contact>>(none);
export const centre = signal<Centre | null>(null);
export const queues = signal<Map_<Queue>>(none);
export const colleagues = signal<Map_<Colleague>>(none);
export const agents = signal<Map_<Agent>>(none);
export const contacts = signal<Map_<Contact>>(none);
export const wallboard = signal<Wallboard | null>(null);
/** Whether anything was heard yet. Until then nothing is known, and nothing is shown as zero. */
export const known = signal(false);

/** This desk's contacts in a fixed order: by arrival, never by what happened last. */
export const work = computed(() =>
  [...desk.value.values()].sort((a, b) => a.arrived_at - b.arrived_at || (a.id < b.id ? -1 : 1)),
);

type Listener = (notice: Notice) => void;
const listeners = new Set<Listener>();

/** Hear notices; returns what ends it. */
export function onNotice(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Take a frame of the stream. Screens see it whole or not at all. */
export function take(frame: Frame): void {
  const notices: Notice[] = [];
  batch(() => {
    setServerTime(frame.now);
    if (frame.type === "snapshot") whole(frame);
    else changes(frame.events, notices);
    known.value = true;
  });
  for (const notice of notices) for (const listener of listeners) listener(notice);
}

const by = <T>(values: readonly T[], key: (value: T) => string): Map_<T> =>
  new Map(values.map((value) => [key(value), value]));

function whole(snapshot: Snapshot): void {
  me.value = snapshot.me;
  desk.value = by(snapshot.desk, (contact) => contact.id);
  centre.value = snapshot.centre;
  queues.value = by(snapshot.queues, (queue) => queue.id);
  colleagues.value = by(snapshot.colleagues, (colleague) => colleague.id);
  agents.value = by(snapshot.agents, (agent) => agent.id);
  contacts.value = by(snapshot.contacts, (contact) => contact.id);
  wallboard.value = snapshot.wallboard;
}

const maps = { desk, queues, colleagues, agents, contacts } as const;
const singles = { centre, wallboard } as const;

function changes(events: readonly StreamEvent[], notices: Notice[]): void {
  // A map is copied once a frame, however many of its keys change.
  const copies = new Map<keyof typeof maps, Map<string, unknown>>();
  for (const event of events) {
    if (event.op === "tell") {
      notices.push(event.value);
      continue;
    }
    const value = event.op === "put" ? event.value : null;
    if (event.topic === "desk" && event.key === "me") me.value = value as Agent | null;
    else if (event.topic in singles) {
      singles[event.topic as keyof typeof singles].value = value as (Centre & Wallboard) | null;
    } else if (event.topic in maps) {
      const topic = event.topic as keyof typeof maps;
      const copy = copies.get(topic) ?? new Map<string, unknown>(maps[topic].value);
      copies.set(topic, copy);
      if (event.op === "put") copy.set(event.key, value);
      else copy.delete(event.key);
    }
  }
  for (const [topic, copy] of copies) maps[topic].value = copy as unknown as Map_<never>;
}
