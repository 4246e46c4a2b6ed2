// Calls to outside that were made out of hours: told once, and shown until somebody has taken note.

import { signal } from "@preact/signals";
import { now } from "../lib/clock";
import { onNotice } from "../lib/views";

export interface AfterHours {
  readonly id: string;
  readonly agent: string;
  readonly at: number;
}

/** More than that at once is one alarm all the same. */
const KEPT = 20;

/** The newest first. */
export const afterHours = signal<readonly AfterHours[]>([]);

/** Hear of such calls; returns what ends it. */
export function watchAfterHours(): () => void {
  return onNotice((each) => {
    if (each.kind !== "call_out_of_hours" || !each.id) return;
    const call = { id: each.id, agent: each.by ?? "", at: now.peek() };
    afterHours.value = [call, ...afterHours.peek().filter((other) => other.id !== call.id)].slice(0, KEPT);
  });
}

export function takeNote(id: string): void {
  afterHours.value = afterHours.peek().filter((each) => each.id !== id);
}
