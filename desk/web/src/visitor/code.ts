// A place in the telephone's line that is taken along by a code: heard on the telephone, typed here or in the address.

import { signal } from "@preact/signals";
import { Refused, tell } from "../lib/api";

export type CodeFault = "code_wrong" | "code_many" | "code_later";

/** What was typed, or came with the address. */
export const code = signal("");
/** The code that the server knows; empty for none. */
export const goodCode = signal("");
export const codeFault = signal<CodeFault | null>(null);

export function faultOfCode(error: unknown): CodeFault {
  if (!(error instanceof Refused)) return "code_later";
  return error.code === "codes" ? "code_many" : "code_wrong";
}

/** Ask the server for a code. It is used up only by entering. */
export async function check(): Promise<void> {
  codeFault.value = null;
  goodCode.value = "";
  const asked = code.value.trim();
  if (!asked) return;
  try {
    await tell("/public/video/code", { code: asked.slice(0, 32) });
    goodCode.value = asked;
  } catch (error) {
    codeFault.value = faultOfCode(error);
  }
}

/** Take the code out of the address (`?kode=`): a reload must not use it again. */
export function takeFromAddress(): boolean {
  const address = new URL(location.href);
  const given = address.searchParams.get("kode");
  if (given === null) return false;
  address.searchParams.delete("kode");
  history.replaceState(null, "", address);
  code.value = given;
  return true;
}

export function dropCode(): void {
  code.value = goodCode.value = "";
  codeFault.value = null;
}
