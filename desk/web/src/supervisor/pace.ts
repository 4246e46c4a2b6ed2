// What keeps a live table readable: it is painted at most once a second, and keeps its order under a hand.

import { type ReadonlySignal, effect, signal } from "@preact/signals";

const PAINT_MS = 1_000;

/** The same values, but at most one a second: the first at once, the newest always. */
export function paced<T>(source: ReadonlySignal<T>, ms = PAINT_MS): ReadonlySignal<T> {
  const shown = signal(source.peek());
  let painted = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const value = source.value;
    clearTimeout(timer);
    const paint = (): void => {
      painted = performance.now();
      shown.value = value;
    };
    const wait = painted + ms - performance.now();
    if (wait <= 0) paint();
    else timer = setTimeout(paint, wait);
  });
  return shown;
}

/** The order to show: the wanted one, or, while a hand is on the table, the old one with newcomers at its end. */
export function steady(before: readonly string[], wanted: readonly string[], held: boolean): readonly string[] {
  if (!held) return wanted;
  const there = new Set(wanted);
  const known = new Set(before);
  return [...before.filter((key) => there.has(key)), ...wanted.filter((key) => !known.has(key))];
}
