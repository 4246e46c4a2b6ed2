// A week of business hours as the file writes it, "mon-fri: 08:00-12:00, 13:00-17:00", and day by day. Pure.

import { type Value, isKeys } from "./tree";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];
export type Week = Readonly<Record<Day, string>>;
export const CLOSED = "closed";

function covered(key: string): readonly Day[] {
  return key.split(",").flatMap((part) => {
    const [first = "", last = first] = part.split("-").map((name) => name.trim());
    const [from, to] = [DAYS.indexOf(first as Day), DAYS.indexOf(last as Day)];
    return from < 0 || to < from ? [] : DAYS.slice(from, to + 1);
  });
}

/** What each day says; a day that is not named is closed. */
export function hoursOf(weekly: Value | undefined): Week {
  const found: Record<Day, string> = { mon: CLOSED, tue: CLOSED, wed: CLOSED, thu: CLOSED, fri: CLOSED, sat: CLOSED, sun: CLOSED };
  for (const [key, value] of isKeys(weekly) ? Object.entries(weekly) : []) {
    const text = Array.isArray(value) ? value.join(", ") : typeof value === "string" ? value : CLOSED;
    for (const day of covered(key)) found[day] = text;
  }
  return found;
}

/** The week as the file writes it: neighbours that are alike in one entry, days that are closed in none. */
export function week(days: Week): Value {
  const found: Record<string, string> = {};
  for (let first = 0; first < DAYS.length; ) {
    let next = first + 1;
    while (next < DAYS.length && days[DAYS[next] as Day] === days[DAYS[first] as Day]) next += 1;
    const [from, to] = [DAYS[first] as Day, DAYS[next - 1] as Day];
    if (days[from] !== CLOSED) found[from === to ? from : `${from}-${to}`] = days[from];
    first = next;
  }
  return found;
}

/** From and to of each shift. */
export function shiftsOf(text: string): readonly (readonly [string, string])[] {
  if (text.trim() === CLOSED) return [];
  return text.split(",").map((part) => {
    const [from = "", to = ""] = part.split("-").map((time) => time.trim());
    return [from, to] as const;
  });
}

export const span = (from: string, to: string): string => `${from}-${to}`;
