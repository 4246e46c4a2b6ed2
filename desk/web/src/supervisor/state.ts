// The live view's connection, what it shows, and where the person is in it.

import { computed, effect, signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { Link } from "../lib/live";
import type { Agent, Channel, Contact, Queue, Topic } from "../lib/model";
import { go, match, path } from "../lib/router";
import { leave, self } from "../lib/session";
import { agents, centre, contacts, known, queues, take, wallboard } from "../lib/views";
import { say as common } from "../text/common";
import { paced } from "./pace";

const WANTED: readonly Topic[] = ["centre", "queues", "agents", "contacts", "wallboard"];

/** All of one moment together, so that no two tables contradict each other. */
export const room = paced(
  computed(() => ({
    known: known.value, centre: centre.value, queues: queues.value, agents: agents.value, contacts: contacts.value,
    wallboard: wallboard.value,
  })),
);

export type Selection =
  | { readonly kind: "queue" | "agent" | "contact"; readonly id: string }
  | null;

const PLACES = { queue: "antrean", agent: "agen", contact: "kontak" } as const;

export const selection = computed<Selection>(() => {
  for (const kind of ["queue", "agent", "contact"] as const) {
    const found = match(`/pantau/${PLACES[kind]}/:id`, path.value);
    if (found?.["id"]) return { kind, id: found["id"] };
  }
  return null;
});

export function select(kind: "queue" | "agent" | "contact", id: string): void {
  if (kind === "queue") queueFilter.value = id;
  go(`/pantau/${PLACES[kind]}/${encodeURIComponent(id)}`);
}

export function unselect(): void {
  go("/pantau");
}

/** Only this queue's agents and contacts. */
export const queueFilter = signal<string | null>(null);

export type AgentFilter = "all" | "attention" | "talking" | "held" | "ready" | "wrapping" | "not_ready" | "signed_out" | "helpers";
export const agentFilter = signal<AgentFilter>("all");
export type ContactFilter = "all" | "waiting" | "offered" | "talking" | "parked";
export const contactFilter = signal<ContactFilter>("all");
export const table = signal<"agents" | "contacts">("agents");
export const sheet = signal<"note" | "emergency" | "reopen" | "end" | null>(null);

export const link = { current: null as Link | null };
export const linkState = signal<"connecting" | "up" | "lost" | "over">("connecting");

export function startLink(): void {
  const may = self.value?.topics ?? [];
  const connection = new Link({ topics: WANTED.filter((topic) => may.includes(topic)), take });
  link.current = connection;
  connection.start();
  addEventListener("offline", () => connection.cut());
  addEventListener("online", () => connection.hurry());
  effect(() => {
    const state = connection.state.value;
    const before = linkState.peek();
    linkState.value = state.is;
    if (state.is === "lost" && before === "up") announce(common("disconnected"));
    else if (state.is === "up" && before === "lost") announce(common("connected"));
    else if (state.is === "over" && state.why === "signed_out") leave();
  });
}

/**
 * How long somebody may wait in a queue, and the service level it is held to: of its strictest channel. A queue in which
 * nobody waits is held to what a voice call is, as its figures are.
 */
export function limitOf(queue: Queue): { readonly wait: number | null; readonly target: number | null } {
  const all = room.value.wallboard?.tiles ?? [];
  const own = all.filter((tile) => tile.channel in queue.by_channel);
  const tiles = own.length > 0 ? own : all.filter((tile) => tile.channel === "voice");
  if (tiles.length === 0) return { wait: null, target: null };
  return { wait: Math.min(...tiles.map((tile) => tile.limit_ms)), target: Math.max(...tiles.map((tile) => tile.target)) };
}

export function limitOfChannel(channel: Channel): number | null {
  return room.value.wallboard?.tiles.find((tile) => tile.channel === channel)?.limit_ms ?? null;
}

export const agentName = (id: string | null | undefined): string => (id && room.value.agents.get(id)?.name) || id || "–";

export function workOf(agent: Agent): readonly Contact[] {
  return agent.work.map((id) => room.value.contacts.get(id)).filter((contact) => contact !== undefined);
}
