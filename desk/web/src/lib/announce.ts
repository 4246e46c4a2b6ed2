// What a screen reader says by itself. Two regions live as long as the page: polite waits its turn, assertive does not.

import { signal } from "@preact/signals";

export const polite = signal("");
export const assertive = signal("");

/** Say it. The same words again are said again, so a mark that is not spoken alternates at their end. */
export function announce(text: string, urgent = false): void {
  const region = urgent ? assertive : polite;
  region.value = region.peek() === text ? `${text}\u00a0` : text;
}
