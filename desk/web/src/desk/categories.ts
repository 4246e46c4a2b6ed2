// Which categories are put first: what this agent uses most in this queue, then the order of the centre's list.

import { keep, kept } from "../lib/keep";
import type { CategoryGroup, Named } from "../lib/model";

export const OTHER = "other";
export const OTHER_WORDS = 3;
const SUGGESTED = 3;

type Uses = Readonly<Record<string, Readonly<Record<string, number>>>>;

export function count(queue: string | null, category: string): void {
  const uses = kept<Uses>("local", "categories", {});
  const here = uses[queue ?? ""] ?? {};
  keep("local", "categories", { ...uses, [queue ?? ""]: { ...here, [category]: (here[category] ?? 0) + 1 } });
}

export interface Suggestion {
  readonly items: readonly Named[];
  /** Whether it comes from what the agent uses, or is the list's own beginning. */
  readonly learned: boolean;
}

export function suggest(groups: readonly CategoryGroup[], queue: string | null, chosen: string | null): Suggestion {
  const here = kept<Uses>("local", "categories", {})[queue ?? ""] ?? {};
  const all = groups.flatMap((group) => group.items);
  const used = all.filter((item) => here[item.id]).sort((a, b) => (here[b.id] ?? 0) - (here[a.id] ?? 0));
  const first = [...used, ...all.filter((item) => !here[item.id] && item.id !== OTHER)].slice(0, SUGGESTED);
  const picked = all.find((item) => item.id === chosen);
  // What was found by search takes the last place, so that the choice is always in sight.
  const items = picked && !first.includes(picked) ? [...first.slice(0, SUGGESTED - 1), picked] : first;
  return { items, learned: used.length > 0 };
}

/** Whether "other" has been said in enough words to be of use to anybody. */
export function needsWords(category: string | null, note: string): boolean {
  return category === OTHER && note.trim().split(/\s+/).filter(Boolean).length < OTHER_WORDS;
}
