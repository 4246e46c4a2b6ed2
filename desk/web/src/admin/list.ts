// Which files the centre has, and who changed each last.

import { signal } from "@preact/signals";
import { ask } from "../lib/api";
import { spoken } from "./file";
import type { FileInfo } from "./model";

export const listed = signal<readonly FileInfo[] | null>(null);
export const listFault = signal<string | null>(null);

export async function loadList(): Promise<void> {
  try {
    listed.value = (await ask<{ readonly files: readonly FileInfo[] }>("/admin/files")).files;
    listFault.value = null;
  } catch (error) {
    listFault.value = spoken(error);
  }
}
