// Files in a video call: what may be handed over, and how one goes. The server decides; what is plain is said before sending.

import { Refused } from "../lib/api";
import { number } from "../lib/format";
import { say } from "../text/files";
import type { FileRules } from "./messages";

const PATIENCE_MS = 600_000;
const LONGEST_NAME = 200;
const KIND_WORDS: Readonly<Record<string, string>> = {
  "application/pdf": "PDF", "image/jpeg": "JPG", "image/png": "PNG", "image/webp": "WebP",
};

export type FileFault = "file_kind" | "file_large" | "file_many" | "file_empty" | "file_over" | "file_failed";

const FAULTS: readonly FileFault[] = ["file_kind", "file_large", "file_many", "file_empty"];

/** A file on its way, or that did not get through. */
export interface Sending {
  readonly key: string;
  readonly file: Blob;
  readonly name: string;
  readonly snapshot: boolean;
  /** Null while it is being sent. */
  readonly fault: FileFault | null;
}

/** The address of a call's files, from the address of its page: `.../page?token=x` or `.../room?listen=1`. */
export function filesPath(page: string, file = "", more: Readonly<Record<string, string>> = {}): string {
  const [path = "", query = ""] = page.split("?");
  const values = new URLSearchParams(query);
  values.delete("listen");
  for (const [key, value] of Object.entries(more)) values.set(key, value);
  const folder = path.endsWith("/page") ? path.slice(0, -"/page".length) : path;
  const asked = values.toString();
  return `${folder}/files${file && `/${encodeURIComponent(file)}`}${asked && `?${asked}`}`;
}

/** What is plainly wrong with a file before anything of it is sent. */
export function faultOf(file: Blob, rules: FileRules, count: number): FileFault | null {
  if (file.size === 0) return "file_empty";
  if (file.size > rules.largest) return "file_large";
  if (count >= rules.most) return "file_many";
  // Some devices name no type: the server looks at the content anyway.
  return file.type !== "" && !rules.kinds.includes(file.type) ? "file_kind" : null;
}

/** Hand a file over. Returns what went wrong, or null: then the conversation shows it. */
export async function hand(page: string, { file, name, snapshot }: Sending, send = fetch): Promise<FileFault | null> {
  const more = { name: wellFormed(name), ...(snapshot ? { snapshot: "1" } : {}) };
  try {
    const answer = await send(filesPath(page, "", more), {
      method: "POST",
      body: file,
      headers: { "X-Sambung": "1", "Content-Type": "application/octet-stream" },
      credentials: "same-origin",
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (answer.ok) return null;
    const problem = (await answer.json()) as { error?: { code?: string } };
    return said(new Refused(answer.status, problem.error?.code ?? "", ""));
  } catch {
    return "file_failed";
  }
}

function said(refused: Refused): FileFault {
  if (refused.status === 410 || refused.status === 404) return "file_over";
  return FAULTS.find((each) => each === refused.code) ?? "file_failed";
}

/** The end of a long name has the kind; half a letter (a lone surrogate) is none. */
function wellFormed(name: string): string {
  return [...name].slice(-LONGEST_NAME).join("").replace(/\p{Surrogate}/gu, "");
}

/** 340 KB, 1,2 MB. */
export function sizeWords(bytes: number): string {
  if (bytes < 1024 * 1000) return `${number(Math.max(1, Math.round(bytes / 1024)))} KB`;
  const megabytes = bytes / 1024 / 1024;
  return `${number(megabytes, Number.isInteger(megabytes) ? 0 : 1)} MB`;
}

export function kindWord(kind: string): string {
  return KIND_WORDS[kind] ?? kind;
}

export function faultWords({ name, fault }: Sending, rules: FileRules): string {
  const values = { name: clipped(name), largest: sizeWords(rules.largest), most: rules.most };
  return fault === null ? say("sending", values) : say(fault, values);
}

function clipped(name: string): string {
  const letters = [...name.replace(/\p{C}/gu, " ")];
  return letters.length > 40 ? `${letters.slice(0, 24).join("")}…${letters.slice(-14).join("")}` : letters.join("");
}
