// What an agent writes about a contact, kept by contact until it is handed in: in this browser at once, on the server soon
// after (drafts.ts). No contact ever sees another one's notes, and none is lost by a reload.

import { signal } from "@preact/signals";
import { keep, kept } from "../lib/keep";

export interface Note {
  readonly text: string;
  readonly category: string | null;
  readonly followUp: boolean;
  /** When the follow-up is due; null: nobody has said. */
  readonly due: number | null;
  /** Whether the server does not have it yet. */
  readonly dirty: boolean;
  readonly at: number;
}

const OLD_MS = 3 * 86_400_000;
const SOON_MS = 400;
const empty: Note = { text: "", category: null, followUp: false, due: null, dirty: false, at: 0 };

export const notes = signal<Readonly<Record<string, Note>>>(fresh(kept("local", "notes", {}), Date.now()));

/** Without those that are older than anybody would look for. */
export function fresh(all: Readonly<Record<string, Note>>, now: number): Readonly<Record<string, Note>> {
  const young = Object.entries(all).filter(([, note]) => now - note.at < OLD_MS);
  return Object.fromEntries(young.map(([id, note]) => [id, { ...empty, ...note }]));
}

export function noteOf(id: string): Note {
  return notes.value[id] ?? empty;
}

let saving: ReturnType<typeof setTimeout> | undefined;

export function write(id: string, change: Partial<Omit<Note, "at" | "dirty">>): void {
  put(id, { ...noteOf(id), ...change, dirty: true, at: Date.now() });
}

/** Take what the server has, unless something is written here that it does not have. */
export function take(id: string, note: Note): void {
  if (!noteOf(id).dirty) put(id, note);
}

/** The server has this; what was written since it does not have. */
export function settle(id: string, note: Note): void {
  if (notes.peek()[id] === note) put(id, { ...note, dirty: false });
}

function put(id: string, note: Note): void {
  notes.value = { ...notes.value, [id]: note };
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
