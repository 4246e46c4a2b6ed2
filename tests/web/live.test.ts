// The live connection: it goes on where it was, and never shows a state that was not.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { CLOSE_SIGNED_OUT, Link, type Socket, pause } from "../../desk/web/src/lib/live";
import type { Contact, Frame } from "../../desk/web/src/lib/model";
import * as views from "../../desk/web/src/lib/views";

class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {}
  close(): void {
    this.closed = true;
  }
  send(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
}

interface Timer {
  readonly call: () => void;
  readonly ms: number;
  live: boolean;
}

function world() {
  const sockets: FakeSocket[] = [];
  const timers: Timer[] = [];
  const frames: Frame[] = [];
  const link = new Link({
    topics: ["desk", "centre"],
    take: (frame) => frames.push(frame),
    open: (url) => {
      const socket = new FakeSocket(url);
      sockets.push(socket);
      return socket;
    },
    now: () => 1_000,
    chance: () => 1,
    later: (call, ms) => {
      const timer: Timer = { call, ms, live: true };
      timers.push(timer);
      return () => {
        timer.live = false;
      };
    },
  });
  const due = (): Timer[] => timers.filter((timer) => timer.live);
  const fire = (): number => {
    const timer = due().at(-1);
    assert.ok(timer);
    timer.live = false;
    timer.call();
    return timer.ms;
  };
  return { link, sockets, frames, due, fire, last: () => sockets.at(-1) as FakeSocket };
}

const snapshot = (seq: number, desk: readonly unknown[] = []): unknown => ({
  type: "snapshot", seq, now: Date.now(), topics: [], me: null, desk, centre: null, queues: [], colleagues: [], agents: [], contacts: [],
  wallboard: null,
});
const events = (seq: number, list: readonly unknown[] = []): unknown => ({ type: "events", seq, now: Date.now(), events: list });
const contact = (id: string, arrived_at: number): Contact => ({ id, arrived_at, phase: "talking" }) as Contact;

test("a new connection goes on after the last frame", () => {
  const { link, last, fire, frames } = world();
  link.start();
  assert.equal(new URL(last().url, "http://x").searchParams.get("after"), null);
  last().send(snapshot(10));
  last().send(events(12));
  assert.equal(link.state.value.is, "up");
  last().onclose?.({ code: 1006 });
  assert.deepEqual(link.state.value, { is: "lost", since: 1_000 });
  fire();
  assert.equal(new URL(last().url, "http://x").searchParams.get("after"), "12");
  last().send(events(12));
  assert.equal(link.state.value.is, "up");
  assert.equal(frames.length, 3);
});

test("pauses are short at first, then double to a limit, are spread, and start anew after a frame", () => {
  const { link, last, fire } = world();
  link.start();
  const waits: number[] = [];
  for (let attempt = 0; attempt < 17; attempt += 1) {
    last().onclose?.({ code: 1006 });
    waits.push(fire());
  }
  assert.deepEqual(waits.slice(0, 10), Array(10).fill(250));
  assert.deepEqual(waits.slice(10), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  last().send(snapshot(1));
  last().onclose?.({ code: 1006 });
  assert.equal(fire(), 250);
  assert.ok(pause(12, 0) === 1000 && pause(12, 1) === 2000);
});

test("a session that was ended is not connected again", () => {
  const { link, last, due, sockets } = world();
  link.start();
  last().onclose?.({ code: CLOSE_SIGNED_OUT });
  assert.deepEqual(link.state.value, { is: "over", why: "signed_out" });
  link.start();
  link.hurry();
  assert.equal(sockets.length, 1);
  assert.deepEqual(due(), []);
});

test("silence is a lost connection, whether or not the browser noticed", () => {
  const { link, last, fire, sockets } = world();
  link.start();
  last().send(snapshot(5));
  const first = last();
  assert.equal(fire(), 10_000);
  assert.equal(link.state.value.is, "lost");
  assert.ok(first.closed);
  fire();
  assert.equal(sockets.length, 2);
  assert.equal(new URL(last().url, "http://x").searchParams.get("after"), "5");
  last().send(events(5));
  assert.equal(link.state.value.is, "up");
});

test("what an old connection still says is not heard", () => {
  const { link, last, frames } = world();
  link.start();
  const old = last();
  old.send(snapshot(5));
  link.cut();
  old.send(events(9));
  old.onclose?.({ code: 1006 });
  assert.equal(frames.length, 1);
  assert.equal(link.seq, 5);
  assert.equal(link.state.value.is, "lost");
});

test("events without a snapshot, from before it, or that are no frames are not taken", () => {
  const { link, last, frames } = world();
  link.start();
  last().send(events(3));
  last().send("not json");
  last().send({ type: "other", seq: 4 });
  assert.equal(frames.length, 0);
  last().send(snapshot(10));
  last().send(events(9));
  assert.equal(frames.length, 1);
});

test("hurrying connects at once, and only if it was waiting", () => {
  const { link, last, sockets } = world();
  link.start();
  link.hurry();
  assert.equal(sockets.length, 1);
  last().onclose?.({ code: 1006 });
  link.hurry();
  assert.equal(sockets.length, 2);
});

// --- views ------------------------------------------------------------------------------------------------------

beforeEach(() => views.take(snapshot(0) as Frame));

test("events over a snapshot give what a new snapshot would say", () => {
  const all = ["a", "b", "c"].map((id, index) => contact(id, index));
  views.take(snapshot(1, all.slice(0, 2)) as Frame);
  views.take(events(4, [
    { op: "put", seq: 2, topic: "desk", key: "c", value: all[2] },
    { op: "drop", seq: 3, topic: "desk", key: "a" },
    { op: "put", seq: 4, topic: "desk", key: "me", value: { id: "ag101" } },
  ]) as Frame);
  assert.deepEqual([...views.desk.value.keys()], ["b", "c"]);
  assert.equal(views.me.value?.id, "ag101");
});

test("work stays in the order of arrival, whatever changes", () => {
  views.take(snapshot(1, [contact("late", 9), contact("early", 1)]) as Frame);
  views.take(events(2, [{ op: "put", seq: 2, topic: "desk", key: "early", value: contact("early", 1) }]) as Frame);
  assert.deepEqual(views.work.value.map((each) => each.id), ["early", "late"]);
});

test("a frame is seen whole: nobody sees half of it", () => {
  const seen: number[] = [];
  const stop = views.desk.subscribe((desk) => seen.push(desk.size));
  views.take(events(3, [
    { op: "put", seq: 2, topic: "desk", key: "a", value: contact("a", 1) },
    { op: "put", seq: 3, topic: "desk", key: "b", value: contact("b", 2) },
  ]) as Frame);
  stop();
  assert.deepEqual(seen, [0, 2]);
});

test("a notice is heard once, after the state it speaks of", () => {
  const heard: (readonly [string, number])[] = [];
  const stop = views.onNotice((notice) => heard.push([notice.kind, views.desk.value.size]));
  views.take(events(3, [
    { op: "tell", seq: 2, topic: "desk", value: { kind: "offer_over", why: "taken" } },
    { op: "put", seq: 3, topic: "desk", key: "a", value: contact("a", 1) },
  ]) as Frame);
  stop();
  assert.deepEqual(heard, [["offer_over", 1]]);
});
