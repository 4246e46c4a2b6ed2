// How a tile's level is shown: worse at once, better only after it has stayed so. Pure.

import type { Health } from "../lib/model";

export const CALM_MS = 30_000;
/** A feed that is older is no news. */
export const STALE_MS = 10_000;

export interface Level {
  readonly shown: Health;
  /** Since when the level has been better than the one shown; null while it is not. */
  readonly better: number | null;
}

const RANK: Readonly<Record<Health, number>> = { none: 0, good: 1, near: 2, over: 3 };

/** The level after another reading. Nobody is called by a figure that swings about its limit. */
export function next(before: Level | undefined, read: Health, now: number): Level {
  if (before === undefined || RANK[read] >= RANK[before.shown]) return { shown: read, better: null };
  const since = before.better ?? now;
  return now - since >= CALM_MS ? { shown: read, better: null } : { shown: before.shown, better: since };
}

/** Where the picture stands: two pixels round a square, one corner an hour, so that nothing burns in. */
export function shift(now: number): readonly [number, number] {
  const corner = Math.floor(now / 3_600_000) % 4;
  return [corner === 1 || corner === 2 ? 2 : 0, corner >= 2 ? 2 : 0];
}
