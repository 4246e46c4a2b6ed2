// Which contact is on the screen, and how one moves between contacts and panes.

import { computed, signal } from "@preact/signals";
import type { Contact } from "../lib/model";
import { go, match, path } from "../lib/router";
import { desk, work } from "../lib/views";

/** The contacts in hand: offers are shown apart, as a card of their own. */
export const inHand = computed(() => work.value.filter((contact) => contact.phase !== "offered"));
export const working = computed(() => inHand.value.filter((contact) => contact.phase !== "parked"));
export const parked = computed(() => inHand.value.filter((contact) => contact.phase === "parked"));

/** The one that the address names, else the only one there is. */
export const selected = computed<Contact | null>(() => {
  const named = match("/meja/k/:id", path.value)?.["id"];
  const found = named ? desk.value.get(named) : undefined;
  if (found && found.phase !== "offered") return found;
  return working.value[0] ?? null;
});

export type SheetName = "side" | "transfer" | "keys" | "commands" | "keypad" | "settings" | "hang-up" | "machine" | "appointment";

/** The sheet that is open. */
export const sheet = signal<SheetName | null>(null);
export const presenceOpen = signal(false);

export const select = (id: string): void => go(`/meja/k/${id}`);

export function step(by: number): void {
  const all = inHand.value;
  const at = all.findIndex((contact) => contact.id === selected.value?.id);
  const next = all[(at + by + all.length) % all.length];
  if (next) select(next.id);
}

/** Put the focus on something: only ever because of a key or a click. */
export function focusOn(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.focus();
}

/** The same once the screen has followed the state. */
export function focusSoon(selector: string): void {
  setTimeout(() => focusOn(selector), 30);
}

export function nextPane(by: number): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")].filter((pane) => pane.offsetParent !== null);
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(at + by + panes.length) % panes.length];
  (pane?.querySelector<HTMLElement>("[data-start]") ?? pane)?.focus();
}
