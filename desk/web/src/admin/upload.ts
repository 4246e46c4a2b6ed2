// Sending a sound: bytes, which `tell` does not send.

import { API, Refused, Unanswered } from "../lib/api";

/** A recording and its sending may take longer than a click. */
const DEADLINE_MS = 60_000;

/** Put a file at an address. Raises Refused or Unanswered. */
export async function upload<T>(path: string, file: Blob): Promise<T> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(`${API}${path}`, {
      method: "PUT", body: file, credentials: "same-origin", signal: AbortSignal.timeout(DEADLINE_MS),
      headers: { Accept: "application/json", "Content-Type": "audio/wav", "X-Sambung": "1", "Idempotency-Key": crypto.randomUUID() },
    });
    answer = await response.json().catch(() => null);
  } catch {
    throw new Unanswered(path);
  }
  if (response.ok) return answer as T;
  const problem = (answer as { error?: { code?: string; message?: string; key?: string } } | null)?.error;
  throw new Refused(response.status, problem?.code ?? "unknown", problem?.message ?? "", problem?.key);
}
