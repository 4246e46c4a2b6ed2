// What an agent writes about a contact, kept in this browser by contact until it is handed in. No contact ever sees
// another one's notes, and none is lost by a reload.

import { signal } from "@preact/signals";
import { keep, kept } from "../lib/keep";

export interface Note {
  readonly text: string;
  readonly category: string | null;
  readonly followUp: boolean;
  readonly at: number;
}

const OLD_MS = 3 * 86_400_000;
const SOON_MS = 400;
const empty: Note = { text: "", category: null, followUp: false, at: 0 };

export const notes = signal<Readonly<Record<string, Note>>>(fresh(kept("local", "notes", {}), Date.now()));

/** Without those that are older than anybody would look for. */
export function fresh(all: Readonly<Record<string, Note>>, now: number): Readonly<Record<string, Note>> {
  return Object.fromEntries(Object.entries(all).filter(([, note]) => now - note.at < OLD_MS));
}

export function noteOf(id: string): Note {
  return notes.value[id] ?? empty;
}

let saving: ReturnType<typeof setTimeout> | undefined;

export function write(id: string, change: Partial<Omit<Note, "at">>): void {
  notes.value = { ...notes.value, [id]: { ...noteOf(id), ...change, at: Date.now() } };
  clearTimeout(saving);
  saving = setTimeout(flush, SOON_MS);
}

/** Forget what was handed in. */
export function forget(id: string): void {
  const { [id]: _, ...others } = notes.value;
  notes.value = others;
  flush();
}

export function flush(): void {
  clearTimeout(saving);
  keep("local", "notes", notes.value);
}

// A page that is closed within the pause still keeps the last words.
if (typeof addEventListener === "function") addEventListener("pagehide", flush);
