// What an agent writes goes to the server soon after each pause, so that it is there in another browser and after a crash.

import { effect } from "@preact/signals";
import { Refused, Unanswered, ask, tell } from "../lib/api";
import type { Draft } from "../lib/customers";
import { known } from "../lib/views";
import { link } from "./link";
import { type Note, noteOf, notes, settle, take } from "./notes";

const PAUSE_MS = 800;
/** Whoever writes without a pause is saved now and then all the same. */
const LONGEST_MS = 5_000;

const timers = new Map<string, { readonly timer: ReturnType<typeof setTimeout>; readonly since: number }>();
const sending = new Set<string>();

export function watchDrafts(): void {
  effect(() => {
    for (const [id, note] of Object.entries(notes.value)) if (note.dirty) later(id);
  });
  let asked = false;
  effect(() => {
    const up = link.state.value.is === "up";
    if (!up || !known.value) return;
    if (!asked) {
      asked = true;
      void read();
    }
    for (const [id, note] of Object.entries(notes.peek())) if (note.dirty) void send(id);
  });
}

function later(id: string): void {
  const before = timers.get(id);
  const since = before?.since ?? Date.now();
  if (before) clearTimeout(before.timer);
  const wait = Math.max(0, Math.min(PAUSE_MS, since + LONGEST_MS - Date.now()));
  timers.set(id, { since, timer: setTimeout(() => void send(id), wait) });
}

async function send(id: string): Promise<void> {
  const due = timers.get(id);
  if (due) clearTimeout(due.timer);
  timers.delete(id);
  const note: Note = noteOf(id);
  if (!note.dirty) return;
  if (sending.has(id)) return later(id);
  sending.add(id);
  const body = { text: note.text, category: note.category, follow_up: note.followUp, due: note.due };
  try {
    await tell(`/interactions/${id}/draft`, body, { method: "PUT", pauses: [] });
    settle(id, note);
  } catch (error) {
    // A contact that is over takes none; without an answer it goes out again once the server is there.
    if (error instanceof Refused) settle(id, note);
    else if (!(error instanceof Unanswered)) throw error;
  } finally {
    sending.delete(id);
  }
}

async function read(): Promise<void> {
  try {
    for (const draft of await ask<readonly Draft[]>("/me/drafts")) {
      take(draft.interaction, {
        text: draft.text, category: draft.category, followUp: draft.follow_up, due: draft.due, at: draft.at, dirty: false,
      });
    }
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
  }
}
