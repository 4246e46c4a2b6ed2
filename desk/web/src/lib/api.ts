// Requests to the server. Every change carries a key of its own, so a request whose answer was lost is sent again without
// being done twice.

export const API = "/api/v1";
const DEADLINE_MS = 10_000;
const PAUSES_MS = [300, 1_000, 3_000];

/** The server said no. `code` is stable (docs/api.md) and is what a text is chosen by. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly key = "",
  ) {
    super(message);
    this.name = "Refused";
  }
}

/** There was no answer: the network, or the server, is away. Whether it was done is not known. */
export class Unanswered extends Error {
  override name = "Unanswered";
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface How {
  readonly fetch?: Fetch;
  readonly pauses?: readonly number[];
  readonly wait?: (ms: number) => Promise<void>;
}

/** Ask for something. Raises Refused or Unanswered. */
export function ask<T>(path: string, how: How = {}): Promise<T> {
  return persist<T>(path, { method: "GET", headers: { Accept: "application/json" } }, how);
}

/**
 * Change something; sent again with the same key while nobody answers. A PUT needs none: twice is as once. Raises Refused or
 * Unanswered.
 */
export function tell<T>(path: string, body: unknown = {}, how: How & { readonly method?: string } = {}): Promise<T> {
  const { method = "POST" } = how;
  const headers = {
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-Sambung": "1",
    ...(method === "PUT" ? {} : { "Idempotency-Key": crypto.randomUUID() }),
  };
  return persist<T>(path, { method, headers, body: JSON.stringify(body) }, how);
}

async function persist<T>(path: string, init: RequestInit, how: How): Promise<T> {
  const pauses = how.pauses ?? PAUSES_MS;
  const wait = how.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await once<T>(path, init, how.fetch ?? fetch);
    } catch (error) {
      const again = error instanceof Unanswered || (error instanceof Refused && error.code === "later");
      const pause = pauses[attempt];
      if (!again || pause === undefined) throw error;
      await wait(pause);
    }
  }
}

async function once<T>(path: string, init: RequestInit, send: Fetch): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await send(`${API}${path}`, {
      ...init,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    text = await response.text();
  } catch {
    throw new Unanswered(path);
  }
  const answer = decoded(text);
  if (response.ok) return answer as T;
  const problem = (answer as { error?: { code?: string; message?: string; key?: string } } | null)?.error;
  if (!problem?.code && response.status >= 500) throw new Unanswered(path);
  throw new Refused(response.status, problem?.code ?? "unknown", problem?.message ?? "", problem?.key);
}

function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
