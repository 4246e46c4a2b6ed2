// Two texts compared line by line, and two changes of one text brought together. Pure.

export interface Line {
  readonly kind: "same" | "old" | "new";
  readonly text: string;
  /** Its number in the text that it stands in: the old one for `old`, else the new one. From 1. */
  readonly number: number;
}

/** Above so many cells the middle is shown as replaced whole: files of the centre are far below. */
const MOST_CELLS = 4_000_000;

const split = (text: string): readonly string[] => text.split("\n");

/** The pairs of lines that stay, as (old, new) from 0 on, by the longest common subsequence. */
function kept(old: readonly string[], now: readonly string[]): readonly (readonly [number, number])[] {
  let first = 0;
  while (first < old.length && first < now.length && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < old.length - first && last < now.length - first && old[old.length - 1 - last] === now[now.length - 1 - last]) last += 1;
  const pairs: [number, number][] = Array.from({ length: first }, (_, n) => [n, n]);
  pairs.push(...middle(old.slice(first, old.length - last), now.slice(first, now.length - last)).map(([a, b]) => [a + first, b + first] as [number, number]));
  for (let n = last; n > 0; n -= 1) pairs.push([old.length - n, now.length - n]);
  return pairs;
}

function middle(old: readonly string[], now: readonly string[]): readonly (readonly [number, number])[] {
  const width = now.length + 1;
  if (old.length * now.length > MOST_CELLS) return [];
  const lengths = new Uint32Array((old.length + 1) * width);
  const cell = (a: number, b: number): number => lengths[a * width + b] ?? 0;
  for (let a = old.length - 1; a >= 0; a -= 1) {
    for (let b = now.length - 1; b >= 0; b -= 1) {
      lengths[a * width + b] = old[a] === now[b] ? cell(a + 1, b + 1) + 1 : Math.max(cell(a + 1, b), cell(a, b + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let a = 0, b = 0; a < old.length && b < now.length; ) {
    if (old[a] === now[b]) {
      pairs.push([a, b]);
      a += 1;
      b += 1;
    } else if (cell(a + 1, b) >= cell(a, b + 1)) a += 1;
    else b += 1;
  }
  return pairs;
}

export function compare(before: string, after: string): readonly Line[] {
  const [old, now] = [split(before), split(after)];
  const found: Line[] = [];
  let [a, b] = [0, 0];
  for (const [oldAt, newAt] of [...kept(old, now), [old.length, now.length] as const]) {
    for (; a < oldAt; a += 1) found.push({ kind: "old", text: old[a] ?? "", number: a + 1 });
    for (; b < newAt; b += 1) found.push({ kind: "new", text: now[b] ?? "", number: b + 1 });
    if (a < old.length) found.push({ kind: "same", text: now[b] ?? "", number: b + 1 });
    a += 1;
    b += 1;
  }
  return found;
}

/** The lines that changed, with so many around them; null stands for a gap. */
export function excerpt(lines: readonly Line[], around = 2): readonly (Line | null)[] {
  const near = lines.map((_, n) => lines.slice(Math.max(0, n - around), n + around + 1).some((line) => line.kind !== "same"));
  const found: (Line | null)[] = [];
  let gap = false;
  for (const [n, line] of lines.entries()) {
    if (near[n]) {
      if (gap) found.push(null);
      found.push(line);
    }
    gap = !near[n];
  }
  return gap && found.length > 0 ? [...found, null] : found;
}

interface Hunk {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

/** What was changed: lines `from` up to `to` of the old text became `lines`. */
function hunks(before: string, after: string): readonly Hunk[] {
  const [old, now] = [split(before), split(after)];
  const found: Hunk[] = [];
  let [a, b] = [0, 0];
  for (const [oldAt, newAt] of [...kept(old, now), [old.length, now.length] as const]) {
    if (oldAt > a || newAt > b) found.push({ from: a, to: oldAt, lines: now.slice(b, newAt) });
    [a, b] = [oldAt + 1, newAt + 1];
  }
  return found;
}

/** Both changes of `base` in one text, or null if they are of the same or neighbouring lines. */
export function merge(base: string, mine: string, theirs: string): string | null {
  const [own, others] = [hunks(base, mine), hunks(base, theirs)];
  if (own.some((a) => others.some((b) => a.from <= b.to && b.from <= a.to))) return null;
  const lines = split(base);
  const all = [...own, ...others].sort((a, b) => a.from - b.from);
  const found: string[] = [];
  let line = 0;
  for (const hunk of all) {
    found.push(...lines.slice(line, hunk.from), ...hunk.lines);
    line = hunk.to;
  }
  return [...found, ...lines.slice(line)].join("\n");
}
