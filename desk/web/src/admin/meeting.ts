// Two people changed one file by its form: where they meet, and the file that holds what was chosen of both. Pure.

import { type Edit, type Path, type Value, apply, at, edits, touches } from "./tree";

export interface Clash {
  readonly path: Path;
  /** Undefined: taken away. */
  readonly mine: Value | undefined;
  readonly theirs: Value | undefined;
}

/** The places that both changed, each the wider one of the two. What both changed alike is none. */
export function clashes(before: Value, mine: Value, theirs: Value): readonly Clash[] {
  const others = edits(before, theirs);
  const found = new Map<string, Clash>();
  for (const own of edits(before, mine)) {
    for (const other of others) {
      if (!touches(own.path, other.path)) continue;
      const path = own.path.length <= other.path.length ? own.path : other.path;
      const clash = { path, mine: at(mine, path), theirs: at(theirs, path) };
      if (JSON.stringify(clash.mine) !== JSON.stringify(clash.theirs)) found.set(JSON.stringify(path), clash);
    }
  }
  return [...found.values()];
}

/** Their file with my changes in it; `keep` says of each clash whether mine is taken. */
export function mended(before: Value, mine: Value, theirs: Value, keep: (clash: Clash) => boolean): Value {
  const met = clashes(before, mine, theirs);
  const free = edits(before, mine).filter((edit) => !met.some((clash) => touches(edit.path, clash.path)));
  const chosen = met.filter(keep).map<Edit>(({ path, mine: value }) => (value === undefined ? { path, remove: true } : { path, value }));
  return apply(theirs, [...free, ...chosen]);
}
