// The address is where the person is: reload and link find the same contact again.

import { signal } from "@preact/signals";

export const path = signal(typeof location === "undefined" ? "/" : location.pathname);

/** Go somewhere within this page. Focus stays; whoever acted moves it. */
export function go(to: string, replace = false): void {
  if (to === path.value) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  path.value = to;
}

export function startRouter(): void {
  addEventListener("popstate", () => {
    path.value = location.pathname;
  });
}

/** The values of a pattern's places, `/meja/k/:id`, or null if the path is another. */
export function match(pattern: string, at: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split("/");
  const given = at.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) {
      if (value === "") return null;
      try {
        values[part.slice(1)] = decodeURIComponent(value);
      } catch {
        return null;
      }
    } else if (part !== value) return null;
  }
  return values;
}
