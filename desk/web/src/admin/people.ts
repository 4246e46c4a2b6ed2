// Who the agents' file names: groups number their people from the first id on. Pure.

import { type Value, entriesAt, listAt, textAt } from "./tree";

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly group: string | null;
}

/** The id of the n-th person of a group, or null if the first id cannot be counted from. */
export function idAt(first: string, n: number): string | null {
  const found = /^([a-z][a-z_-]{0,15})([0-9]{1,8})$/.exec(first);
  if (!found?.[1] || !found[2]) return null;
  return `${found[1]}${String(Number(found[2]) + n).padStart(found[2].length, "0")}`;
}

export function people(agents: Value): readonly Person[] {
  const grouped = entriesAt(agents, ["groups"]).flatMap(([group]) =>
    listAt(agents, ["groups", group, "names"]).map((name, n) => ({ id: idAt(textAt(agents, ["groups", group, "first"]), n) ?? "", name, group })),
  );
  const single = entriesAt(agents, ["agents"]).map(([id]) => ({ id, name: textAt(agents, ["agents", id, "name"]), group: null }));
  return [...grouped, ...single].filter((person) => person.id !== "");
}
