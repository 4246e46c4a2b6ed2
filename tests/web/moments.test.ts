// A visitor's page by itself: music while waiting, a bell and a pulse at the turn, the screen awake, and what is said
// when the officer was lost.

import assert from "node:assert/strict";
import { before, beforeEach, test } from "node:test";
import { assertive } from "../../desk/web/src/lib/announce";
import { VideoCall } from "../../desk/web/src/video/call";
import { FakeSocket, giveBrowser } from "./socket";
import { until } from "./until";

let allowed = true;
let started: string[] = [];
let pulses = 0;
let shown: "visible" | "hidden" = "visible";
let locks: { released: boolean; release(): Promise<void> }[] = [];
const page = new EventTarget();

class Context {
  state = allowed ? "running" : "suspended";
  currentTime = 0;
  destination = {};
  onstatechange: (() => void) | null = null;

  async resume(): Promise<void> {
    if (!allowed || this.state === "running") return;
    this.state = "running";
    this.onstatechange?.();
  }

  async close(): Promise<void> {
    this.state = "closed";
  }
}

class Node {
  readonly gain = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {}, setTargetAtTime() {} };

  constructor(_: unknown, private readonly options?: { type?: string }) {}

  connect(to: unknown): unknown {
    return to;
  }

  disconnect(): void {}

  start(): void {
    started.push(this.options?.type === "sine" ? "bell" : "chord");
  }

  stop(): void {}
}

const wakeLock = {
  async request(): Promise<unknown> {
    const lock = {
      released: false,
      async release(): Promise<void> {
        lock.released = true;
      },
    };
    locks.push(lock);
    return lock;
  },
};

const held = (): number => locks.filter((lock) => !lock.released).length;

Object.defineProperty(globalThis, "navigator", {
  configurable: true,
  value: { wakeLock, userAgent: "", vibrate: () => (pulses += 1) },
});
Object.defineProperty(page, "visibilityState", { get: () => shown });
Object.assign(globalThis, { AudioContext: Context, OscillatorNode: Node, GainNode: Node, document: page });

giveBrowser();
const { call, media } = await import("../../desk/web/src/visitor/visit");
const { music } = await import("../../desk/web/src/visitor/music");
const { musical, playMusic, returned, titleWords, watchMoments } = await import("../../desk/web/src/visitor/moments");

/** What the server says of the visit. */
function says(stage: string, officer: boolean | null = null): void {
  call.value ??= new VideoCall("/page", media);
  const people = officer === null ? [] : [{ side: "agent", here: officer }];
  FakeSocket.last.say({ type: "state", stage, position: 3, people, now: Date.now() });
}

before(watchMoments);

beforeEach(() => {
  call.value?.dispose();
  call.value = null;
  music.close();
  allowed = true;
  started = [];
  locks = [];
  pulses = 0;
});

test("music plays while waiting, again after the officer was lost, and never else", async () => {
  says("waiting");
  assert.deepEqual([started.length, music.free.value, returned.value], [4, true, null]);
  assert.equal(titleWords.value, "Urutan 3");
  says("connecting", true);
  assert.deepEqual([started.slice(4), pulses], [["bell", "bell"], 1]);
  assert.equal(titleWords.value, "Petugas tersambung");
  says("talking", true);
  says("talking", false);
  says("waiting");
  assert.equal(started.filter((each) => each === "chord").length, 8);
  assert.match(assertive.value, /^Sambungan petugas terputus, urutan Bapak\/Ibu tetap/);
  says("talking", true);
  assert.equal(returned.value, null);
  says("waiting");
  assert.equal(returned.value, "passed");
  playMusic(false);
  says("talking", true);
  says("waiting");
  assert.equal(started.filter((each) => each === "chord").length, 12, "switched off stays off");
  playMusic(true);
  assert.equal(started.filter((each) => each === "chord").length, 16);
  says("over");
  assert.equal(music.free.value, false);
});

test("after a reload the page does not say that it plays until it does", async () => {
  allowed = false;
  says("waiting");
  assert.deepEqual([started.length, music.free.value, musical.value], [0, false, true]);
  allowed = true;
  playMusic(true);
  assert.equal(music.free.value, true);
  await until(() => started.length === 4);
});

test("who comes back into a call hears no bell", () => {
  says("talking", true);
  assert.deepEqual([started, pulses], [[], 0]);
});

test("the screen stays on while waiting and talking, and again when the page is shown again", async () => {
  says("waiting");
  await until(() => held() === 1);
  says("talking", true);
  // The browser lets go of it by itself when the page is hidden.
  shown = "hidden";
  for (const lock of locks) lock.released = true;
  page.dispatchEvent(new Event("visibilitychange"));
  assert.equal(held(), 0);
  shown = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await until(() => held() === 1);
  says("over");
  await until(() => held() === 0);
});
