// The parts of the administration: where each is, and which file it keeps.

import { signal } from "@preact/signals";
import { match, path } from "../lib/router";
import type { say } from "../text/admin";
import type { IconName } from "../ui/icons";

export interface Section {
  /** The part of the address, and the key of its name. */
  readonly id: SectionId;
  readonly icon: IconName;
  readonly file?: string;
  readonly label: Parameters<typeof say>[0];
}

export type SectionId =
  | "" | "pengguna" | "antrean" | "agen" | "profil" | "keahlian" | "alasan" | "kategori" | "naskah" | "jam" | "ucapan" | "menu" | "video";

export const SECTIONS: readonly Section[] = [
  { id: "", icon: "history", label: "section_changes" },
  { id: "pengguna", icon: "users", label: "section_users" },
  { id: "antrean", icon: "list-check", file: "queues", label: "section_queues" },
  { id: "agen", icon: "headset", file: "agents", label: "section_agents" },
  { id: "profil", icon: "adjustments", file: "profiles", label: "section_profiles" },
  { id: "keahlian", icon: "star", file: "centre", label: "section_centre" },
  { id: "alasan", icon: "coffee", file: "reasons", label: "section_reasons" },
  { id: "kategori", icon: "template", file: "categories", label: "section_categories" },
  { id: "naskah", icon: "notes", label: "section_scripts" },
  { id: "jam", icon: "calendar-event", file: "hours", label: "section_hours" },
  { id: "ucapan", icon: "speakerphone", file: "prompts", label: "section_prompts" },
  { id: "menu", icon: "dialpad", label: "section_menus" },
  { id: "video", icon: "video", file: "video", label: "section_video" },
];

export type Tab = "formulir" | "teks" | "riwayat";
const TABS: readonly string[] = ["formulir", "teks", "riwayat"];

export interface Where {
  readonly section: Section | null;
  readonly tab: Tab;
}

export function where(): Where {
  const found = match("/kelola", path.value) ?? match("/kelola/:section", path.value) ?? match("/kelola/:section/:tab", path.value);
  const section = found && SECTIONS.find((each) => each.id === (found["section"] ?? ""));
  const tab = found?.["tab"] ?? "formulir";
  return { section: section && TABS.includes(tab) ? section : null, tab: tab as Tab };
}

export function addressOf(section: SectionId, tab: Tab = "formulir"): string {
  return ["/kelola", section, tab === "formulir" ? "" : tab].filter(Boolean).join("/");
}

/** The parts that keep several files: in which folder, and which of the files is open. */
export const FOLDERS = {
  menu: { folder: "ivr/", chosen: signal("ivr/main") },
  naskah: { folder: "scripts/", chosen: signal("") },
} as const;

/** Where a file is kept: the part of its name, or of its folder. */
export function sectionOf(file: string): Section | undefined {
  return SECTIONS.find((each) => each.file === file || (each.id in FOLDERS && file.startsWith(FOLDERS[each.id as keyof typeof FOLDERS].folder)));
}

/** Have a file be the one that is open in its part. */
export function choose(file: string): void {
  for (const { folder, chosen } of Object.values(FOLDERS)) if (file.startsWith(folder)) chosen.value = file;
}

/** What the id of a script says: `scripts/lkpm.id`. */
export function partsOf(id: string): { readonly name: string; readonly language: string } {
  const [, name = id, language = ""] = /^scripts\/([^.]*)\.?(.*)$/.exec(id) ?? [];
  return { name, language };
}

/** The id of a file by its path: what is below the centre's folder, without the ending. */
export function idOf(file: string): string {
  return below(file).replace(/\.(?:ya?ml|md)$/, "");
}

/** A file by what people know of its path: what is below the centre's folder. */
export function below(file: string): string {
  return /(?:(?:ivr|scripts)\/)?[^/]+$/.exec(file)?.[0] ?? file;
}
