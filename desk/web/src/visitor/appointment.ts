// The link to an appointment: what it is good for, and the visitor's way on. The token leaves the address at once, so that
// nobody reads it there, and is kept by the tab for a reload.

import { computed, effect, signal } from "@preact/signals";
import { Refused, tell } from "../lib/api";
import { serverTime } from "../lib/clock";
import { asLanguage, chooseLanguage } from "../lib/i18n";
import { keep, kept } from "../lib/keep";

const LOOK_AGAIN_MS = 60_000;

export interface Agreed {
  readonly validity: "early" | "open" | "running" | "late" | "used" | "cancelled";
  readonly begins_at: number;
  readonly ends_at: number;
  readonly opens_at: number;
  readonly closes_at: number;
  readonly name: string;
  readonly topic: string;
  readonly language: string;
}

/** What the link bears; empty for who came without. */
export const token = signal(kept<string>("session", "visit.appointment", ""));
export const agreed = signal<Agreed | null>(null);
/** Why nothing is known of it. */
export const unclear = signal<"unknown" | "unasked" | null>(null);

/** The appointment by which the visitor may come now. */
export const good = computed(() => (token.value && agreed.value?.validity === "open" ? agreed.value : null));

/** What stands between the visitor and the line: a key of the catalogue. */
export const hindrance = computed(() => {
  if (!token.value) return null;
  if (unclear.value) return unclear.value;
  const validity = agreed.value?.validity;
  return validity === undefined || validity === "open" ? null : validity;
});

/** Take the token out of the address (`?janji=`). Returns whether there was one. */
export function takeLink(): boolean {
  const address = new URL(location.href);
  const given = address.searchParams.get("janji");
  if (given === null) return false;
  address.searchParams.delete("janji");
  history.replaceState(null, "", address);
  token.value = given.slice(0, 64);
  keep("session", "visit.appointment", token.value);
  return true;
}

/** Ask what the link is good for now. */
export async function lookUp(): Promise<void> {
  if (!token.value) return;
  try {
    agreed.value = await tell<Agreed>("/public/video/appointment", { token: token.value });
    unclear.value = null;
  } catch (error) {
    unclear.value = error instanceof Refused && error.status === 404 ? "unknown" : "unasked";
  }
}

/** Speak the language that was agreed on. */
export function speak(): void {
  if (agreed.value) chooseLanguage(asLanguage(agreed.value.language));
}

export function dropLink(): void {
  keep("session", "visit.appointment", null);
  token.value = "";
  agreed.value = unclear.value = null;
}

let timer: ReturnType<typeof setTimeout> | undefined;
effect(() => {
  clearTimeout(timer);
  const it = agreed.value;
  if (!token.value || it?.validity !== "early") return;
  // This device's clock may be wrong: the server is asked until it agrees.
  const left = Math.min(Math.max(it.opens_at - serverTime(), 1_000), LOOK_AGAIN_MS);
  timer = setTimeout(() => void lookUp(), left);
});
