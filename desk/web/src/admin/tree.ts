// What a file of the centre says, as values by path, and what a form changed of it. Pure.
// A scalar is its text, as the file writes it: "30 s", "no", "08:00-17:00".

export type Value = string | readonly Value[] | Keys;
export interface Keys {
  readonly [key: string]: Value;
}
export type Path = readonly (string | number)[];

export type Edit =
  | { readonly path: Path; readonly value: Value }
  | { readonly path: Path; readonly remove: true };

export function isKeys(value: Value | undefined): value is Keys {
  return typeof value === "object" && !Array.isArray(value);
}

/** Any JSON as values: what is no list and no mapping is text, nothing is an empty text. */
export function values(json: unknown): Value {
  if (Array.isArray(json)) return json.map(values);
  if (json === null || json === undefined) return "";
  if (typeof json !== "object") return String(json);
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, values(value)]));
}

export function at(root: Value | undefined, path: Path): Value | undefined {
  let found: Value | undefined = root;
  for (const step of path) {
    if (typeof found !== "object") return undefined;
    if (Array.isArray(found)) found = (found as readonly Value[])[Number(step)];
    else found = Object.hasOwn(found, step) ? (found as Keys)[String(step)] : undefined;
  }
  return found;
}

export function textAt(root: Value | undefined, path: Path): string {
  const found = at(root, path);
  return typeof found === "string" ? found : "";
}

/** The entries of a mapping, in the order of the file; of anything else none. */
export function entriesAt(root: Value | undefined, path: Path): readonly (readonly [string, Value])[] {
  const found = at(root, path);
  return isKeys(found) ? Object.entries(found) : [];
}

/** The texts of a list. The files allow a single text for a list: what its commas part. */
export function listAt(root: Value | undefined, path: Path): readonly string[] {
  const found = at(root, path);
  if (typeof found === "string") return found.split(",").map((part) => part.trim()).filter(Boolean);
  return Array.isArray(found) ? (found as readonly Value[]).filter((item) => typeof item === "string") : [];
}

/** The same tree with one value set; mappings on the way are made. */
export function set(root: Value | undefined, path: Path, value: Value): Value {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(root)) {
    const items = [...(root as readonly Value[])];
    items[Number(step)] = set(items[Number(step)], rest, value);
    return items;
  }
  const keys = isKeys(root) ? root : {};
  return { ...keys, [step]: set(Object.hasOwn(keys, step) ? keys[step] : undefined, rest, value) };
}

/** The same tree without what stands at `path`. */
export function without(root: Value, path: Path): Value {
  const step = path[0];
  if (step === undefined || typeof root !== "object") return root;
  if (Array.isArray(root)) {
    const items = root as readonly Value[];
    if (path.length === 1) return items.filter((_, index) => index !== Number(step));
    return items.map((item, index) => (index === Number(step) ? without(item, path.slice(1)) : item));
  }
  const keys = root as Keys;
  if (!Object.hasOwn(keys, step)) return root;
  const { [step]: inner, ...others } = keys;
  if (path.length === 1 || inner === undefined) return others;
  return { ...keys, [step]: without(inner, path.slice(1)) };
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, n) => same(item, b[n]));
  if (!isKeys(a) || !isKeys(b)) return false;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

/** What makes `after` of `before`: the smallest places that differ; a list as a whole, if it has other members. */
export function edits(before: Value, after: Value, path: Path = []): readonly Edit[] {
  if (same(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length && [...before, ...after].every(isKeys)) {
    return (before as readonly Value[]).flatMap((item, n) => edits(item, (after as readonly Value[])[n] ?? "", [...path, n]));
  }
  if (!isKeys(before) || !isKeys(after)) return [{ path, value: after }];
  const found: Edit[] = [];
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) found.push({ path: [...path, name], remove: true });
  }
  for (const [name, value] of Object.entries(after)) {
    const old = Object.hasOwn(before, name) ? before[name] : undefined;
    if (old === undefined) found.push({ path: [...path, name], value });
    else found.push(...edits(old, value, [...path, name]));
  }
  return found;
}

export function apply(root: Value, changes: readonly Edit[]): Value {
  return changes.reduce<Value>((tree, edit) => ("value" in edit ? set(tree, edit.path, edit.value) : without(tree, edit.path)), root);
}

/** How a problem names a place: `licensing.offer`, `voice[0].queues`. */
export function keyOf(path: Path): string {
  return path.reduce<string>((key, step) => (typeof step === "number" ? `${key}[${step}]` : key ? `${key}.${step}` : step), "");
}

/** Whether one of two places lies within the other. */
export function touches(a: Path, b: Path): boolean {
  return a.slice(0, b.length).every((step, n) => String(step) === String(b[n]));
}
