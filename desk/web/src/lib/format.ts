// Numbers, times and durations as people here write them. Everything that leaves the building is in WIB.

import { language } from "./i18n";
import type { Language } from "./model";

export const ZONE = "Asia/Jakarta";
/** What stands for something that is not known. Never a zero. */
export const UNKNOWN = "–";

const locale = (of: Language): string => (of === "id" ? "id-ID" : "en-GB");
const formats = new Map<string, Intl.DateTimeFormat | Intl.NumberFormat>();

function made<T extends Intl.DateTimeFormat | Intl.NumberFormat>(key: string, make: () => T): T {
  const found = formats.get(key) as T | undefined;
  if (found) return found;
  const format = make();
  formats.set(key, format);
  return format;
}

function dated(at: number, name: string, options: Intl.DateTimeFormatOptions): string {
  const of = language.value;
  return made(`${name}${of}`, () => new Intl.DateTimeFormat(locale(of), { timeZone: ZONE, ...options })).format(at);
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A running time: 06:12, from an hour on 1 j 06 m (1 h 06 m). What would be negative is zero. */
export function running(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${two(minutes)}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)} ${language.value === "id" ? "j" : "h"} ${two(minutes % 60)} m`;
}

/** A time on the presence control, which is long: 01:12:40. */
export function longRunning(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${two(hours)}:${rest}` : rest;
}

/** What is left, rounded up so that it ends at 0:00 and not before: 0:38. */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** A duration in a sentence: 3 mnt 10 dtk. */
export function spoken(ms: number | null): string {
  if (ms === null) return UNKNOWN;
  const seconds = Math.max(0, Math.round(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const [h, m, s] = language.value === "id" ? ["j", "mnt", "dtk"] : ["h", "min", "s"];
  if (hours > 0) return minutes > 0 ? `${hours} ${h} ${minutes} ${m}` : `${hours} ${h}`;
  if (minutes > 0) return seconds % 60 > 0 ? `${minutes} ${m} ${seconds % 60} ${s}` : `${minutes} ${m}`;
  return `${seconds} ${s}`;
}

/** The same for a screen reader, without abbreviations. */
export function aloud(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const [m, s] = language.value === "id" ? ["menit", "detik"] : ["minutes", "seconds"];
  return [minutes > 0 ? `${minutes} ${m}` : "", seconds % 60 > 0 || minutes === 0 ? `${seconds % 60} ${s}` : ""]
    .filter(Boolean)
    .join(" ");
}

/** A moment of the day: 10.42 (10:42). */
export function clock(at: number): string {
  const of = language.value;
  const parts = made(`clock${of}`, () =>
    new Intl.DateTimeFormat(locale(of), { timeZone: ZONE, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  ).formatToParts(at);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("hour")}${of === "id" ? "." : ":"}${part("minute")}`;
}

/** 25 Nov */
export const day = (at: number): string => dated(at, "day", { day: "numeric", month: "short" });

/** Rabu, 25 November 2026 */
export const fullDay = (at: number): string =>
  dated(at, "full", { weekday: "long", day: "numeric", month: "long", year: "numeric" });

/** A moment in a list: the time today, the day before that. */
export function moment(at: number, now: number): string {
  return day(at) === day(now) && now - at < 86_400_000 ? clock(at) : day(at);
}

/** 1.284 or 86,5 */
export function number(value: number | null, digits = 0): string {
  if (value === null || Number.isNaN(value)) return UNKNOWN;
  const of = language.value;
  return made(`number${digits}${of}`, () =>
    new Intl.NumberFormat(locale(of), { minimumFractionDigits: digits, maximumFractionDigits: digits }),
  ).format(value);
}

/** 87 %; without contacts there is none. */
export const percent = (value: number | null, digits = 0): string =>
  value === null ? UNKNOWN : `${number(value, digits)}%`;

/** The letters of an avatar: at most two, of the first and the last word that begin with a letter. */
export function initials(name: string): string {
  const letters = name
    .split(/\s+/)
    .map((word) => /\p{L}/u.exec(word)?.[0] ?? "")
    .filter(Boolean);
  return [letters[0], letters.length > 1 ? letters.at(-1) : ""].join("").toLocaleUpperCase(locale(language.value));
}
