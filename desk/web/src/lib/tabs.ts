// One desk, one tab: two would be two telephones ringing for one person. The tab that holds the lock is the desk; another
// one says so and may take it over. A lock ends with its tab, however that ends.

import { signal } from "@preact/signals";

const NAME = "sambung-desk";

/** `asking` until the browser has answered, then whether this tab is the desk. */
export const tab = signal<"asking" | "here" | "elsewhere">("asking");

export async function claimDesk(locks: LockManager = navigator.locks): Promise<void> {
  await locks.request(NAME, { ifAvailable: true }, (lock) => {
    if (lock === null) {
      tab.value = "elsewhere";
      return undefined;
    }
    return hold();
  }).catch(lost);
}

/** Take the desk from whichever tab has it. */
export async function takeDesk(locks: LockManager = navigator.locks): Promise<void> {
  await locks.request(NAME, { steal: true }, hold).catch(lost);
}

function hold(): Promise<never> {
  tab.value = "here";
  // Held until this tab ends, or until another steals it.
  return new Promise(() => undefined);
}

function lost(): void {
  tab.value = "elsewhere";
}
