// A customer's earlier contacts, and what was promised to customers: crm/model.py, field by field.

import { signal } from "@preact/signals";
import { Refused, Unanswered, ask } from "./api";
import type { Channel, Kind } from "./model";

export type Outcome =
  | "handled" | "abandoned" | "overflowed" | "callback" | "voicemail" | "deflected" | "handed_over"
  | "unreached" | "refused" | "failed";

export interface Earlier {
  readonly id: string;
  readonly channel: Channel;
  readonly kind: Kind;
  readonly at: number;
  readonly queue: string | null;
  readonly agent: string | null;
  readonly outcome: Outcome | null;
  readonly category: string | null;
  readonly note: string;
  readonly message_ms: number | null;
}

export interface Past {
  /** Whether the address says who the customer is. */
  readonly known: boolean;
  readonly items: readonly Earlier[];
  readonly more: boolean;
}

export interface Draft {
  readonly interaction: string;
  readonly at: number;
  readonly text: string;
  readonly category: string | null;
  readonly follow_up: boolean;
  readonly due: number | null;
}

export interface Case {
  readonly id: string;
  readonly agent: string;
  readonly due: number;
  readonly created_at: number;
  readonly done_at: number | null;
  readonly done_by: string | null;
  readonly channel: Channel;
  readonly queue: string | null;
  readonly caller: string;
  readonly category: string | null;
  readonly note: string;
}

/** What is known of each contact's customer; `"away"` where it could not be asked. */
export const pasts = signal<Readonly<Record<string, Past | "away">>>({});
const asked = new Set<string>();

function put(id: string, value: Past | "away"): void {
  pasts.value = { ...pasts.peek(), [id]: value };
}

/** Ask for a contact's past once. Nothing waits for it: an offer is shown and taken without. */
export async function lookUp(id: string): Promise<void> {
  if (asked.has(id)) return;
  asked.add(id);
  await read(id, `/interactions/${id}/earlier`, { known: true, items: [], more: false });
}

/** Ask again after it could not be asked. */
export async function lookUpAgain(id: string): Promise<void> {
  asked.delete(id);
  await lookUp(id);
}

/** Add the next page. */
export async function lookFurther(id: string): Promise<void> {
  const past = pasts.peek()[id];
  const last = typeof past === "object" ? past.items.at(-1) : undefined;
  if (typeof past !== "object" || !past.more || !last) return;
  await read(id, `/interactions/${id}/earlier?before=${last.id}`, past);
}

async function read(id: string, path: string, before: Past): Promise<void> {
  try {
    const page = await ask<Past>(path);
    put(id, { ...page, items: [...before.items, ...page.items] });
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    // What was shown stays; a first page that did not come may be asked for again.
    if (before.items.length === 0) put(id, "away");
  }
}

/** Keep nothing of contacts that are gone from this desk: it is not theirs to see any more. */
export function forgetPasts(but: ReadonlySet<string>): void {
  const left = Object.entries(pasts.peek()).filter(([id]) => but.has(id));
  for (const id of [...asked]) if (!but.has(id)) asked.delete(id);
  if (left.length !== Object.keys(pasts.peek()).length) pasts.value = Object.fromEntries(left);
}
