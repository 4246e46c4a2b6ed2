// The time by the server's clock, and one tick a second for all timers of the page.

import { signal } from "@preact/signals";

let ahead = 0;

/** Milliseconds since 1970 by the server's clock; changes once a second, on the second. */
export const now = signal(Date.now());

/** How far this machine's clock is from the server's, in ms; positive when the server is ahead. */
export const skew = signal(0);

export function serverTime(): number {
  return Date.now() + ahead;
}

/** Learn the server's time from one of its messages. A small difference is the network's, and is not followed. */
export function setServerTime(ms: number): void {
  const measured = ms - Date.now();
  if (Math.abs(measured - ahead) < 400) return;
  ahead = measured;
  skew.value = measured;
  now.value = serverTime();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Start ticking. A tab that slept catches up at once when it is shown. */
export function startClock(): void {
  if (timer !== undefined) return;
  const tick = (): void => {
    now.value = serverTime();
    timer = setTimeout(tick, 1000 - (now.value % 1000) + 5);
  };
  tick();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") now.value = serverTime();
  });
}
