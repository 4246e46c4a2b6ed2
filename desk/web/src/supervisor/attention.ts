// Which agent needs a look first, and why. Pure.

import type { Agent, Contact } from "../lib/model";

export type Concern = "unreachable" | "missed" | "held" | "talking" | "break" | "wrapping";

export interface Attention {
  /** 0 nothing, 1 near, 2 over. */
  readonly level: 0 | 1 | 2;
  readonly concern: Concern | null;
}

/** The reason the line itself gives to somebody who did not answer. */
export const MISSED = "rona";

/** From so long on it is worth a look; from twice as long on it is urgent. */
export const HELD_MS = 60_000;
export const TALK_MS = 600_000;
export const WRAP_MS = 60_000;

const NONE: Attention = { level: 0, concern: null };

export function attention(agent: Agent, now: number): Attention {
  if (!agent.signed_in) return NONE;
  const lasted = now - agent.since;
  const long = (concern: Concern, limit: number): Attention =>
    lasted < limit ? NONE : { level: lasted < 2 * limit ? 1 : 2, concern };
  switch (agent.state) {
    case "held":
      return long("held", HELD_MS);
    case "talking":
      return long("talking", TALK_MS);
    case "wrapping":
      return long("wrapping", WRAP_MS);
    case "not_ready":
      if (agent.reason === MISSED) return { level: 2, concern: "missed" };
      return agent.reason_until !== null && now > agent.reason_until ? { level: 1, concern: "break" } : NONE;
    case "ready":
      return agent.reach.length === 0 ? { level: 2, concern: "unreachable" } : NONE;
    default:
      return NONE;
  }
}

/** Those who need a look first, then whoever has been in a state longest. */
export function byAttention(now: number): (a: Agent, b: Agent) => number {
  return (a, b) =>
    attention(b, now).level - attention(a, now).level ||
    Number(b.signed_in) - Number(a.signed_in) ||
    a.since - b.since ||
    a.name.localeCompare(b.name);
}

/** Who could take from a queue, but does not now: of the queue, at work, and not ready or with room. */
export function helpers(agents: Iterable<Agent>, queue: string): readonly Agent[] {
  return [...agents].filter(
    (agent) =>
      agent.signed_in && agent.queues.includes(queue) && /^(not_ready|ready|wrapping)$/.test(agent.state) && agent.load < 100,
  );
}

/** Places in line: the lowest score goes first, over all channels of the queue. */
export function place(contact: Contact, all: Iterable<Contact>): number | null {
  if (contact.score === null || contact.score === undefined) return null;
  let before = 0;
  for (const other of all) {
    if (other.queue !== contact.queue || other.phase !== "waiting" || typeof other.score !== "number") continue;
    if (other.score < contact.score || (other.score === contact.score && other.id < contact.id)) before += 1;
  }
  return before + 1;
}
