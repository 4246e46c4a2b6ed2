// Who is signed in, and the centre's words. Each page starts with `enter`.

import { signal } from "@preact/signals";
import { Refused, ask, tell } from "./api";
import { setServerTime } from "./clock";
import { asLanguage, chooseLanguage, labelled } from "./i18n";
import { kept } from "./keep";
import type { Reference, Self } from "./model";

export const self = signal<Self | null>(null);
export const reference = signal<Reference | null>(null);

/** Learn who is signed in and the centre's words; whoever is not is sent to sign in and comes back here. */
export async function enter(): Promise<Self | null> {
  try {
    const who = await ask<Self>("/session");
    setServerTime(who.now);
    // What a person chose on this screen goes before what the account says.
    if (!kept<string>("local", "language", "")) chooseLanguage(asLanguage(who.language));
    self.value = who;
    reference.value = await ask<Reference>("/reference");
    return who;
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
    leave();
    return null;
  }
}

/** To the sign-in page, and afterwards back to where one was. */
export function leave(): void {
  location.assign(`/masuk?to=${encodeURIComponent(location.pathname)}`);
}

export async function signOut(): Promise<void> {
  await tell("/session", {}, { method: "DELETE" });
  location.assign("/masuk");
}

export function may(right: string): boolean {
  return self.value?.rights.includes(right) ?? false;
}

export function queueName(id: string | null): string {
  return labelled(reference.value?.queues.find((queue) => queue.id === id)?.name, id ?? "");
}

export function reasonName(id: string | null): string {
  return labelled(reference.value?.reasons.find((reason) => reason.id === id)?.name, id ?? "");
}

export function languageName(id: string | null): string {
  return labelled(reference.value?.languages.find((each) => each.id === id)?.name, id ?? "");
}

export function categoryName(id: string | null): string {
  for (const group of reference.value?.categories ?? []) {
    const found = group.items.find((item) => item.id === id);
    if (found) return labelled(found.name, found.id);
  }
  return id ?? "";
}
