// The live state: a snapshot, then events in order. A connection that is lost comes back by itself and asks for what
// it missed. `Link` is the connection; `views` (in views.ts) is what it fills.

import { signal } from "@preact/signals";
import { API } from "./api";
import type { Frame, Topic } from "./model";

export type LinkState =
  | { readonly is: "connecting" }
  | { readonly is: "up" }
  /** Lost since a moment (this machine's clock); it tries again by itself. */
  | { readonly is: "lost"; readonly since: number }
  /** It will not come back: signed out elsewhere, or the tab gave way to another. */
  | { readonly is: "over"; readonly why: "signed_out" | "stopped" };

export const CLOSE_SIGNED_OUT = 4401;
export const CLOSE_RIGHTS = 4403;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8_000;
/** So many attempts come at the first pace: a server that was started anew is back within two seconds. */
const EAGER = 10;
/** The server says something every four seconds. After so long without a frame the connection is dead, whether or not
 * the browser has noticed: whoever works with what it shows has to know. */
const SILENCE_MS = 10_000;
/** A connection that has brought no frame by then is not one. */
const FIRST_FRAME_MS = 6_000;

export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number }) => void) | null;
  close(): void;
}

interface Parts {
  readonly topics: readonly Topic[];
  readonly take: (frame: Frame) => void;
  readonly token?: string;
  readonly open?: (url: string) => Socket;
  readonly now?: () => number;
  readonly chance?: () => number;
  readonly later?: (call: () => void, ms: number) => () => void;
}

/** How long to wait before attempt `n` (from 0): doubling after the eager ones, and spread so that 200 pages do not come back at once. */
export function pause(attempt: number, chance: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, attempt - EAGER + 1));
  return longest / 2 + (longest / 2) * chance;
}

export class Link {
  readonly state = signal<LinkState>({ is: "connecting" });
  #seq: number | null = null;
  #attempt = 0;
  #socket: Socket | null = null;
  #cancel: (() => void) | null = null;
  #watch: (() => void) | null = null;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The number of the last frame: what a new connection goes on after. */
  get seq(): number | null {
    return this.#seq;
  }

  start(): void {
    if (this.#socket !== null || this.state.value.is === "over") return;
    this.#cancel?.();
    this.#cancel = null;
    const socket = (this.#parts.open ?? openSocket)(this.#url());
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#take(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
    this.#listen(FIRST_FRAME_MS, () => this.#closed(0));
  }

  /** The network is gone: nothing will come by this connection, however long it takes to notice. */
  cut(): void {
    if (this.#socket !== null) this.#closed(0);
  }

  /** Try now instead of after the pause: the network came back, or the tab was shown again. */
  hurry(): void {
    if (this.#cancel !== null) this.start();
  }

  stop(why: "signed_out" | "stopped" = "stopped"): void {
    this.#cancel?.();
    this.#watch?.();
    this.#cancel = this.#watch = null;
    const socket = this.#socket;
    this.#socket = null;
    this.state.value = { is: "over", why };
    socket?.close();
  }

  #url(): string {
    const query = new URLSearchParams({ topics: this.#parts.topics.join(",") });
    if (this.#seq !== null) query.set("after", String(this.#seq));
    if (this.#parts.token) query.set("token", this.#parts.token);
    return `${API}/stream?${query}`;
  }

  #take(data: unknown): void {
    let frame: Frame;
    try {
      frame = JSON.parse(String(data)) as Frame;
    } catch {
      return;
    }
    if (frame.type !== "snapshot" && frame.type !== "events") return;
    // Events without a snapshot to stand on, or from before it, would give a state that never was.
    if (frame.type === "events" && (this.#seq === null || frame.seq < this.#seq)) return;
    this.#seq = frame.seq;
    this.#attempt = 0;
    this.#parts.take(frame);
    if (this.state.value.is !== "up") this.state.value = { is: "up" };
    this.#listen(SILENCE_MS, () => this.#closed(0));
  }

  #listen(ms: number, call: () => void): void {
    this.#watch?.();
    this.#watch = this.#later(call, ms);
  }

  #closed(code: number): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#watch?.();
    this.#watch = null;
    socket?.close();
    if (code === CLOSE_SIGNED_OUT) return this.stop("signed_out");
    const before = this.state.value;
    if (before.is !== "lost") this.state.value = { is: "lost", since: (this.#parts.now ?? Date.now)() };
    const wait = pause(this.#attempt, (this.#parts.chance ?? Math.random)());
    this.#attempt += 1;
    this.#cancel = this.#later(() => {
      this.#cancel = null;
      this.start();
    }, wait);
  }

  #later(call: () => void, ms: number): () => void {
    if (this.#parts.later) return this.#parts.later(call, ms);
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  }
}

function openSocket(url: string): Socket {
  const address = new URL(url, location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(address) as Socket;
}
