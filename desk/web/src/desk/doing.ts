// What the agent does, as requests. What follows is seen on the stream; what goes wrong is said beside the contact.

import { signal } from "@preact/signals";
import { Refused, tell } from "../lib/api";
import type { Contact, Target } from "../lib/model";
import { leave } from "../lib/session";
import { problem } from "../lib/words";
import { me } from "../lib/views";
import * as phone from "../phone/phone";
import { count } from "./categories";
import { forget, noteOf } from "./notes";

/** What went wrong last, by contact; `""` for what is no contact's. */
export const troubles = signal<Readonly<Record<string, string>>>({});

export function clearTrouble(about: string): void {
  const { [about]: _, ...others } = troubles.peek();
  troubles.value = others;
}

/** Do it; true if the server agreed. */
export async function attempt(about: string, doing: () => Promise<unknown>): Promise<boolean> {
  clearTrouble(about);
  try {
    await doing();
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) leave();
    troubles.value = { ...troubles.peek(), [about]: problem(error) };
    return false;
  }
}

export function verb(contact: Contact, name: string, body: unknown = {}): Promise<boolean> {
  return attempt(contact.id, () => tell(`/interactions/${contact.id}/${name}`, body));
}

export function setIntent(ready: boolean, reason = "", next = false): Promise<boolean> {
  return attempt("", () => tell("/me/intent", { ready, reason, next }));
}

export async function startShift(ready: boolean): Promise<boolean> {
  return (await attempt("", () => tell("/me/shift-start"))) && (!ready || setIntent(true));
}

export function endShift(): Promise<boolean> {
  return attempt("", () => tell("/me/shift-end"));
}

export function hold(contact: Contact): Promise<boolean> {
  return verb(contact, contact.phase === "held" ? "resume" : "hold");
}

export async function hangUp(contact: Contact): Promise<void> {
  // The server ends the customer's side; if it cannot be asked, the agent's own side ends at least.
  if (!(await verb(contact, "hang-up")) && phone.call.value !== null) phone.hangUp();
}

export function consult(contact: Contact, to: Target): Promise<boolean> {
  return verb(contact, "consult", { to });
}

export function transfer(contact: Contact, to: Target): Promise<boolean> {
  return verb(contact, "transfer", { to });
}

/** Hand in what the contact was about. */
export function dispose(contact: Contact): Promise<boolean> {
  const note = noteOf(contact.id);
  if (note.category === null) return Promise.resolve(false);
  const body = { category: note.category, note: note.text.slice(0, 4_000), follow_up: note.followUp, due: note.followUp ? note.due : null };
  return verb(contact, "disposition", body);
}

/** Hand it in and be done with the contact. */
export async function finish(contact: Contact): Promise<boolean> {
  const { category } = noteOf(contact.id);
  if (!(await dispose(contact))) return false;
  if (contact.phase === "wrapping" && !(await verb(contact, "wrap-up-done"))) return false;
  if (category) count(contact.queue, category);
  if (contact.phase === "wrapping") forget(contact.id);
  return true;
}

/** The agent's browser phone as the server sees it. */
export function browserPhoneUp(): boolean {
  return me.value?.phones.some((each) => each.kind === "browser" && each.up) ?? false;
}

export function deskPhoneUp(): boolean {
  return me.value?.phones.some((each) => each.kind === "telephone" && each.up) ?? false;
}
