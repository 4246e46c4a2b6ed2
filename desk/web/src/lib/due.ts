// When something is due, as a person writes it: in Jakarta's time, whatever this machine's clock is set to.

const WIB = "+07:00";
const WIB_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const MORNING_H = 9;

/** The value of a `datetime-local` field. */
export function toField(at: number): string {
  return new Date(at + WIB_MS).toISOString().slice(0, 16);
}

/** The moment that a `datetime-local` field says, or null if it says none. */
export function fromField(text: string): number | null {
  const at = Date.parse(`${text}:00${WIB}`);
  return Number.isNaN(at) ? null : at;
}

/** The next working morning: what is meant when nothing else was said. */
export function nextMorning(now: number): number {
  const today = Math.floor((now + WIB_MS) / DAY_MS);
  // 1 January 1970 was a Thursday.
  const weekday = (day: number): number => (day + 4) % 7;
  let day = today + 1;
  while (weekday(day) === 0 || weekday(day) === 6) day += 1;
  return day * DAY_MS - WIB_MS + MORNING_H * 3_600_000;
}
