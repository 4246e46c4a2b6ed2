// A video call as a page keeps it: the line to the server, the media, the chat. Survives a lost network, another
// network, a server or forwarding unit that was started anew, and a reload.

import { computed, signal } from "@preact/signals";
import { API } from "../lib/api";
import { setServerTime } from "../lib/clock";
import { pause } from "../lib/live";
import { Connection } from "./connection";
import { type Sending, faultOf, filesPath, hand } from "./files";
import type { LocalMedia } from "./media";
import { CLOSED, type CallState, type FileRules, type FromServer, type Line, type Person, type StreamLabel } from "./messages";

export type Link = "connecting" | "up" | "lost" | "over" | "elsewhere" | "refused";

const PATIENCE_MS = 2_000;
const FINAL: Readonly<Record<number, Link>> = {
  [CLOSED.over]: "over", [CLOSED.replaced]: "elsewhere", [CLOSED.forbidden]: "refused", [CLOSED.signed_out]: "refused",
};

/** A stream of somebody else, ready to be shown. */
export interface Seen {
  readonly person: Person | null;
  readonly label: StreamLabel;
  readonly stream: MediaStream;
}

export class VideoCall {
  readonly link = signal<Link>("connecting");
  readonly state = signal<CallState | null>(null);
  readonly lines = signal<readonly Line[]>([]);
  readonly rules = signal<FileRules | null>(null);
  /** Files on their way, and those that did not get through. */
  readonly sending = signal<readonly Sending[]>([]);
  readonly connection: Connection;
  /** Everybody else's pictures, a shared screen first. */
  readonly pictures = computed<readonly Seen[]>(() => this.seen("video"));
  readonly sounds = computed<readonly Seen[]>(() => this.seen("audio"));

  private socket: WebSocket | null = null;
  private attempts = 0;
  private leaving = false;
  private giving: Promise<unknown> = Promise.resolve();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private worry: ReturnType<typeof setTimeout> | undefined;
  private readonly unsent = new Map<string, string>();
  private readonly unsubscribe: () => void;

  constructor(
    private readonly path: string,
    readonly local: LocalMedia,
    private readonly listen = false,
  ) {
    this.connection = new Connection(local, {
      join: (sdp, labels) => this.send({ type: "join", sdp, labels }),
      renew: (sdp, labels) => this.send({ type: "renew", sdp, labels }),
    });
    this.unsubscribe = this.connection.media.subscribe((media) => this.mediaChanged(media));
    local.onChange = () => {
      void this.connection.place();
      this.tellDevices();
    };
    window.addEventListener("online", this.online);
    this.open();
  }

  get me(): Person | null {
    const state = this.state.value;
    return state?.people.find((person) => person.participant === state.me) ?? null;
  }

  /** Say something in the chat. It is sent again until the server shows it. */
  write(text: string): void {
    const key = crypto.randomUUID();
    this.unsent.set(key, text);
    this.send({ type: "write", key, text });
  }

  /** Hand a file over. What comes of it shows in `sending`, then in `lines`. */
  give(file: Blob, name: string, snapshot = false): void {
    const key = crypto.randomUUID();
    this.sending.value = [...this.sending.value, { key, file, name, snapshot, fault: null }];
    void this.giveAgain(key);
  }

  async giveAgain(key: string): Promise<void> {
    const rules = this.rules.value;
    const waiting = this.sending.value.find((each) => each.key === key);
    if (!waiting || !rules) return;
    this.settle({ ...waiting, fault: null });
    const count = this.lines.value.filter((line) => line.file).length;
    const fault = faultOf(waiting.file, rules, count) ?? (await this.inTurn(() => hand(this.path, waiting)));
    if (fault) this.settle({ ...waiting, fault });
    else this.putAway(key);
  }

  putAway(key: string): void {
    this.sending.value = this.sending.value.filter((each) => each.key !== key);
  }

  fileUrl(id: string): string {
    return filesPath(this.path, id);
  }

  /** Where a visitor asks for a telephone of the visitor's own, as `lib/api` takes it. */
  get telephonePath(): string {
    return this.path.replace(API, "").replace("/page?", "/telephone?");
  }

  /** End the call, or one's wait for it; once there is a connection, if there is none now. */
  leave(): void {
    this.leaving = true;
    this.send({ type: "leave" });
  }

  /** Let go of everything; the server is told by the end of the connection. */
  dispose(): void {
    window.removeEventListener("online", this.online);
    this.local.onChange = () => undefined;
    this.unsubscribe();
    clearTimeout(this.timer);
    clearTimeout(this.worry);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    this.connection.close();
  }

  private settle(changed: Sending): void {
    this.sending.value = this.sending.value.map((each) => (each.key === changed.key ? changed : each));
  }

  /** One file after the other: several at once would each come slower. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.giving.then(work);
    this.giving = done.catch(() => undefined);
    return done;
  }

  private open(): void {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${this.path}`);
    this.socket = socket;
    socket.onopen = () => {
      this.attempts = 0;
      this.link.value = "up";
      this.connection.ask();
      for (const [key, text] of this.unsent) this.send({ type: "write", key, text });
      if (this.leaving) this.send({ type: "leave" });
      this.tellDevices();
    };
    socket.onmessage = ({ data }) => this.received(JSON.parse(String(data)) as FromServer);
    socket.onclose = ({ code }) => {
      if (socket === this.socket) this.closed(code);
    };
  }

  private closed(code: number): void {
    this.socket = null;
    const final = FINAL[code];
    if (final) {
      this.link.value = final;
      this.connection.close();
      return;
    }
    this.link.value = "lost";
    this.timer = setTimeout(() => this.open(), pause(this.attempts, Math.random()));
    this.attempts += 1;
  }

  private received(message: FromServer): void {
    switch (message.type) {
      case "state":
        setServerTime(message.now);
        this.state.value = message;
        if (message.stage === "over" || message.stage === "waiting") this.connection.close();
        break;
      case "invited":
        this.connection.servers = message.ice;
        void this.connection.join(this.listen || message.role === "listener").then(() => this.tellDevices());
        break;
      case "answer":
        void this.connection.answered(message.sdp, message.shown);
        break;
      case "slots":
        this.connection.shown.value = message.shown;
        break;
      case "rules":
        this.rules.value = message;
        break;
      case "chat":
        this.keep(message.lines);
        break;
      case "problem":
        // The forwarding unit does not know us any more: the offer has to be the first of a new connection.
        if (message.code !== "refused" && this.connection.peer) this.again(message.after_ms);
        break;
    }
  }

  private keep(lines: readonly Line[]): void {
    const known = new Map(this.lines.value.map((line) => [line.id, line]));
    for (const line of lines) known.set(line.id, line);
    this.lines.value = [...known.values()].sort((one, other) => one.id - other.id);
    for (const { key } of lines) this.unsent.delete(key);
  }

  private mediaChanged(media: string): void {
    clearTimeout(this.worry);
    if (media !== "lost") return;
    this.worry = setTimeout(() => {
      const failed = this.connection.peer?.connectionState === "failed";
      void (failed ? this.connection.join(this.listen) : this.connection.restart());
      this.worry = setTimeout(() => this.mediaChanged(this.connection.media.value), PATIENCE_MS * 2);
    }, PATIENCE_MS);
  }

  private again(ms: number): void {
    clearTimeout(this.worry);
    this.worry = setTimeout(() => void this.connection.join(this.listen), Math.max(ms, 200));
  }

  private readonly online = (): void => {
    if (!this.socket && this.link.value === "lost") {
      clearTimeout(this.timer);
      this.open();
    }
    // An offer that is made now and cannot be sent goes out as soon as the line is there.
    if (this.connection.peer) void this.connection.restart();
  };

  private tellDevices(): void {
    if (this.listen) return;
    const { microphone, camera, screen } = this.local;
    this.send({ type: "device", microphone: microphone.value, camera: camera.value, screen: screen.value !== null });
  }

  private send(message: object): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private seen(kind: "audio" | "video"): readonly Seen[] {
    const people = this.state.value?.people ?? [];
    const { shown, tracks } = this.connection;
    const found: Seen[] = [];
    for (const { mid, participant, label } of shown.value) {
      const stream = tracks.value.get(mid);
      if (!stream || (label === "microphone") !== (kind === "audio")) continue;
      const person = people.find((each) => each.participant === participant) ?? null;
      // A place for a camera or a screen that is off shows nothing.
      if (label === "camera" && person && !person.camera) continue;
      if (label === "screen" && !person?.screen) continue;
      found.push({ person, label, stream });
    }
    return found.sort((one, other) => Number(other.label === "screen") - Number(one.label === "screen"));
  }
}
