// What the live view and the wallboard decide by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Agent, Contact } from "../../desk/web/src/lib/model";
import { HELD_MS, attention, byAttention, helpers, place } from "../../desk/web/src/supervisor/attention";
import { steady } from "../../desk/web/src/supervisor/pace";
import { take } from "../../desk/web/src/lib/views";
import { afterHours, takeNote, watchAfterHours } from "../../desk/web/src/supervisor/after-hours";
import { alarms } from "../../desk/web/src/supervisor/alarm";
import { CALM_MS, next, shift } from "../../desk/web/src/wallboard/level";

const NOW = 1_764_000_000_000;

function agent(id: string, change: Partial<Agent> = {}): Agent {
  return {
    id, name: id, state: "ready", since: NOW - 5_000, signed_in: true, ready: true, reason: null, reason_until: null, next_not_ready: null,
    reach: ["voice"], load: 0, offered_load: 0, work: [], queues: ["licensing"], desk: true, phones: [], ...change,
  };
}

function waiting(id: string, score: number, queue = "licensing"): Contact {
  return {
    id, channel: "voice", kind: "inbound", phase: "waiting", since: NOW, arrived_at: NOW, queue, agent: null, priority: 0, caller: null,
    language: null, parent: null, offer: null, until: null, extensions: null, score, call: null, category: null,
  };
}

test("a row keeps its place while a hand is on the table, and newcomers stand at the end", () => {
  assert.deepEqual(steady(["a", "b", "c"], ["d", "c", "a"], true), ["a", "c", "d"]);
  assert.deepEqual(steady(["a", "b", "c"], ["d", "c", "a"], false), ["d", "c", "a"]);
});

test("whoever holds a caller for long, missed an offer or cannot be reached comes first", () => {
  const held = agent("held", { state: "held", since: NOW - 2 * HELD_MS });
  const missed = agent("missed", { state: "not_ready", ready: false, reason: "rona" });
  const away = agent("away", { reach: [] });
  const resting = agent("resting", { state: "not_ready", ready: false, reason: "break", reason_until: NOW - 1 });
  const well = agent("well");
  assert.deepEqual(attention(held, NOW), { level: 2, concern: "held" });
  assert.deepEqual(attention(agent("x", { state: "held", since: NOW - HELD_MS }), NOW), { level: 1, concern: "held" });
  assert.deepEqual(attention(agent("y", { state: "held", since: NOW - HELD_MS + 1 }), NOW).level, 0);
  assert.equal(attention(missed, NOW).concern, "missed");
  assert.equal(attention(away, NOW).concern, "unreachable");
  assert.equal(attention(resting, NOW).concern, "break");
  const order = [well, resting, away, held].sort(byAttention(NOW)).map((each) => each.id);
  assert.deepEqual(order, ["held", "away", "resting", "well"]);
  assert.equal(attention(agent("out", { signed_in: false, state: "signed_out", reach: [] }), NOW).level, 0);
});

test("those who could help are of the queue, at work, and have room", () => {
  const all = [
    agent("a"), agent("b", { state: "not_ready" }), agent("c", { state: "talking", load: 100 }), agent("d", { queues: ["lkpm"] }),
    agent("e", { signed_in: false, state: "signed_out" }),
  ];
  assert.deepEqual(helpers(all, "licensing").map((each) => each.id), ["a", "b"]);
});

test("the place in line is by score, in one's own queue", () => {
  const all = [waiting("a", 30), waiting("b", 10), waiting("c", 20, "lkpm")];
  assert.deepEqual(all.map((each) => place(each, all)), [2, 1, 1]);
  assert.equal(place({ ...waiting("d", 1), score: null }, all), null);
});

test("a level gets worse at once, and better only after it has stayed better", () => {
  let level = next(undefined, "good", 0);
  level = next(level, "over", 1_000);
  assert.equal(level.shown, "over");
  level = next(level, "good", 2_000);
  level = next(level, "over", 20_000);
  level = next(level, "good", 21_000);
  level = next(level, "near", 21_000 + CALM_MS - 1);
  assert.equal(level.shown, "over");
  level = next(level, "near", 21_000 + CALM_MS);
  assert.equal(level.shown, "near");
});

test("the picture moves by two pixels an hour and comes back", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((hour) => shift(hour * 3_600_000)), [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]);
});

test("a call made out of hours is an alarm until somebody has taken note", () => {
  const told = (kind: string, id: string): void =>
    take({ type: "events", now: NOW, seq: 1, events: [{ op: "tell", seq: 1, topic: "agents", value: { kind, id, by: "ag101" } }] } as never);
  const end = watchAfterHours();
  told("offer_over", "a".repeat(32));
  assert.deepEqual(alarms(), []);
  told("call_out_of_hours", "b".repeat(32));
  told("call_out_of_hours", "b".repeat(32));
  told("call_out_of_hours", "c".repeat(32));
  assert.deepEqual(alarms().map((each) => each.call), ["c".repeat(32), "b".repeat(32)]);
  assert.match(alarms()[0]?.more ?? "", /ag101/);
  takeNote("c".repeat(32));
  assert.deepEqual(afterHours.value.map((each) => each.id), ["b".repeat(32)]);
  end();
  takeNote("b".repeat(32));
  told("call_out_of_hours", "d".repeat(32));
  assert.deepEqual(alarms(), []);
});
