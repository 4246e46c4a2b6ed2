// Keeps a telephone's screen on: one that goes dark loses the picture, and in time the place in line.

import { type ReadonlySignal, effect } from "@preact/signals";

/** Hold the screen on while it is wanted, in browsers that can. The browser lets go of it when the page is hidden. */
export function stayAwake(wanted: ReadonlySignal<boolean>): void {
  const { wakeLock } = navigator as { readonly wakeLock?: WakeLock };
  if (!wakeLock) return;
  let held: WakeLockSentinel | null = null;
  let asking = false;
  const settle = async (): Promise<void> => {
    const want = wanted.peek() && document.visibilityState === "visible";
    if (!want) {
      await held?.release();
      held = null;
    }
    if (!want || asking || (held && !held.released)) return;
    asking = true;
    try {
      held = await wakeLock.request("screen");
    } catch {
      // A battery that runs low refuses: the page goes on without.
      return;
    } finally {
      asking = false;
    }
    if (!wanted.peek()) await settle();
  };
  effect(() => {
    void wanted.value;
    void settle();
  });
  document.addEventListener("visibilitychange", () => void settle());
}
