// Texts by language. A catalogue is a function with typed keys: `say("accept")`, `say("waited", { time: "03:18" })`.
// Indonesian is written first and gives the keys; English must have each of them, with the same placeholders (a test).

import { signal } from "@preact/signals";
import { keep, kept } from "./keep";
import type { Label, Language } from "./model";

export const LANGUAGES: readonly Language[] = ["id", "en"];

/** The language of the screen. */
export const language = signal<Language>(asLanguage(kept("local", "language", "id")));

export function asLanguage(word: unknown): Language {
  return word === "en" ? "en" : "id";
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  keep("local", "language", chosen);
  document.documentElement.lang = chosen;
}

type Values = Readonly<Record<string, string | number>>;

export interface Catalogue<Key extends string> {
  (key: Key, values?: Values): string;
  readonly texts: Readonly<Record<Language, Readonly<Record<Key, string>>>>;
}

export function catalogue<const Key extends string>(
  id: Readonly<Record<Key, string>>,
  en: Readonly<Record<NoInfer<Key>, string>>,
): Catalogue<Key> {
  const texts = { id, en };
  // A word that a newer server says and this page does not know is shown as it is, and breaks nothing.
  const say = (key: Key, values?: Values): string => fill(texts[language.value][key] ?? key, values);
  return Object.assign(say, { texts });
}

/** Put values in the places of `{name}`. A place without a value stays visible, so that it is found. */
export function fill(text: string, values?: Values): string {
  return values ? text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place)) : text;
}

/** The label in the language of the screen, or in whatever language there is. */
export function labelled(label: Label | undefined, otherwise = ""): string {
  return label?.[language.value] ?? label?.["id"] ?? Object.values(label ?? {})[0] ?? otherwise;
}
