// Names that one file gives and another uses.

import { language } from "../lib/i18n";
import { reference } from "../lib/session";
import { say as common } from "../text/common";
import type { Channel } from "../lib/model";
import type { Choice } from "./field";
import { fileOf } from "./file";
import { type Path, type Value, at, entriesAt, isKeys } from "./tree";

/** The text of a label in the language of the screen, or in whatever language there is. */
export function labelAt(root: Value, path: Path, otherwise: string): string {
  const found = at(root, path);
  if (!isKeys(found)) return typeof found === "string" && found !== "" ? found : otherwise;
  const texts = [found[language.value], found["id"], ...Object.values(found)];
  return texts.find((text): text is string => typeof text === "string" && text !== "") ?? otherwise;
}

const CHANNELS: readonly Channel[] = ["voice", "video", "walkin", "whatsapp", "email", "instagram", "chat"];
export const channelChoices = (): readonly Choice[] => CHANNELS.map((id) => ({ id, label: common(id) }));

const WHERE = { queues: ["queues", []], skills: ["centre", ["skills"]] } as const;

/** The queues or skills that are stored: a name that is only in somebody's draft is not there yet. */
export function known(kind: keyof typeof WHERE): readonly Choice[] {
  const [id, path] = WHERE[kind];
  const stored = fileOf(id).before.value;
  return entriesAt(stored, path).map(([name]) => ({ id: name, label: labelAt(stored, kind === "queues" ? [name, "name"] : [...path, name], name) }));
}

/** The centre's languages, as they name themselves. */
export function languageChoices(): readonly Choice[] {
  return (reference.value?.languages ?? []).map((each) => ({ id: each.id, label: labelAt(each.name, [], each.id) }));
}

/** A label still to be written. */
export function blankLabel(): Value {
  return Object.fromEntries((reference.value?.languages ?? []).map((each) => [each.id, ""]));
}
