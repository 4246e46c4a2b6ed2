// Decisions of the desk that need no screen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { needsWords, suggest } from "../../desk/web/src/desk/categories";
import { fresh, noteOf, notes, settle, take, write } from "../../desk/web/src/desk/notes";
import { mayBeMachine, shownState } from "../../desk/web/src/desk/contact";
import { fromField, nextMorning, toField } from "../../desk/web/src/lib/due";
import type { Contact } from "../../desk/web/src/lib/model";
import { faultOf } from "../../desk/web/src/phone/devices";
import { share } from "../../desk/web/src/phone/level";
import { type Sample, judge } from "../../desk/web/src/phone/quality";
import { sorted } from "../../desk/web/src/ui/table";

test("notes belong to their contact, whatever is written where", () => {
  notes.value = {};
  const expected: Record<string, string> = {};
  let seed = 7;
  for (let turn = 0; turn < 400; turn += 1) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    const id = `c${seed % 5}`;
    const text = `${id} ${turn}`;
    write(id, { text });
    expected[id] = text;
    for (const [other, words] of Object.entries(expected)) assert.equal(noteOf(other).text, words);
  }
});

test("a note keeps what was not changed, and is forgotten after days", () => {
  notes.value = {};
  write("a", { text: "x", followUp: true });
  write("a", { category: "kbli" });
  assert.deepEqual({ ...noteOf("a"), at: 0 }, { text: "x", category: "kbli", followUp: true, due: null, dirty: true, at: 0 });
  const day = 86_400_000;
  const all = { old: { ...noteOf("a"), at: 0 }, young: { ...noteOf("a"), at: 3 * day } };
  assert.deepEqual(Object.keys(fresh(all, 4 * day)), ["young"]);
});

test("what is written here goes before what the server has, until the server has it too", () => {
  notes.value = {};
  const server = { text: "server", category: null, followUp: false, due: null, dirty: false, at: 9 };
  take("a", server);
  assert.equal(noteOf("a").text, "server");
  write("a", { text: "here" });
  take("a", server);
  assert.equal(noteOf("a").text, "here");
  const sent = noteOf("a");
  write("a", { text: "here and more" });
  settle("a", sent);
  assert.ok(noteOf("a").dirty, "what was written meanwhile has not been sent");
  settle("a", noteOf("a"));
  assert.ok(!noteOf("a").dirty);
});

test("a due date is meant in Jakarta's time; the next working morning skips the weekend", () => {
  const wednesday = Date.UTC(2026, 10, 25, 3, 42);
  assert.equal(toField(wednesday), "2026-11-25T10:42");
  assert.equal(fromField("2026-11-25T10:42"), wednesday);
  assert.equal(fromField(""), null);
  assert.equal(toField(nextMorning(wednesday)), "2026-11-26T09:00");
  assert.equal(toField(nextMorning(Date.UTC(2026, 10, 27, 3))), "2026-11-30T09:00");
  assert.equal(toField(nextMorning(Date.UTC(2026, 10, 25, 18))), "2026-11-27T09:00", "it is Thursday in Jakarta already");
});

const groups = [
  { id: "t", name: { id: "T" }, items: ["a", "b", "c", "d", "other"].map((id) => ({ id, name: { id } })) },
];

test("three categories are put first, and the chosen one is always among them", () => {
  assert.deepEqual(suggest(groups, "q", null).items.map((item) => item.id), ["a", "b", "c"]);
  assert.deepEqual(suggest(groups, "q", "d").items.map((item) => item.id), ["a", "b", "d"]);
  assert.deepEqual(suggest(groups, "q", "b").items.map((item) => item.id), ["a", "b", "c"]);
});

test("other needs words that somebody can learn from", () => {
  assert.ok(needsWords("other", "dua kata"));
  assert.ok(!needsWords("other", " tiga kata saja "));
  assert.ok(!needsWords("kbli", ""));
});

const quiet: Sample = {
  at: 0, received: 0, lost: 0, samples: 0, concealed: 0, sent: 0, sentLost: null, roundTripMs: null, jitterMs: null,
};
const later = (change: Partial<Sample>): Sample => ({
  ...quiet, at: 2_000, received: 100, samples: 96_000, sent: 100, sentLost: 0, roundTripMs: 40, jitterMs: 3, ...change,
});

test("the line is judged by what was lost, and by whose way lost it", () => {
  assert.deepEqual(judge(quiet, later({})), { quality: "good", cause: null });
  assert.deepEqual(judge(quiet, later({ lost: 4 })), { quality: "fair", cause: "there" });
  assert.deepEqual(judge(quiet, later({ lost: 30 })), { quality: "bad", cause: "there" });
  assert.deepEqual(judge(quiet, later({ sentLost: 0.05 })), { quality: "fair", cause: "here" });
  assert.deepEqual(judge(quiet, later({ roundTripMs: 900 })), { quality: "bad", cause: "here" });
  assert.deepEqual(judge(quiet, later({ received: 0, samples: 0 })), { quality: "bad", cause: "here" });
  assert.equal(judge(quiet, later({ at: 500, received: 0 })), null);
});

test("a meter is empty in silence and full at the top", () => {
  assert.equal(share(new Float32Array(256)), 0);
  assert.equal(share(new Float32Array(256).fill(1)), 1);
  assert.ok(Math.abs(share(new Float32Array(256).fill(0.0316)) - 0.5) < 0.01);
});

test("each refusal of the microphone has a remedy of its own", () => {
  const named = (name: string): Error => Object.assign(new Error(), { name });
  assert.deepEqual(
    ["NotAllowedError", "NotFoundError", "NotReadableError", "TypeError"].map((name) => faultOf(named(name))),
    ["denied", "missing", "busy", "other"],
  );
});

test("a state is told by pattern, word and icon, and no two are alike", () => {
  const contact = (phase: Contact["phase"], call: Contact["call"] = null): Contact =>
    ({ phase, kind: "inbound", channel: "voice", call }) as Contact;
  const states = [
    contact("offered"), contact("connecting"), contact("talking"), contact("held"), contact("wrapping"), contact("parked"), contact("waiting"),
    contact("talking", { consult: "x", parties: [{ who: "colleague" }], talking_to: "colleague" }),
    contact("talking", { consult: "x", parties: [{ who: "colleague", joined: false }], talking_to: "colleague" }),
  ].map(shownState);
  assert.equal(new Set(states.map((state) => state.word)).size, states.length);
  assert.equal(new Set(states.map((state) => state.icon)).size, states.length);
});

test("an answering machine is a matter of telephone calls that we made, once somebody has answered", () => {
  const call = (change: Partial<Contact>): Contact =>
    ({ phase: "talking", kind: "outbound", channel: "voice", call: null, ...change }) as Contact;
  assert.ok(mayBeMachine(call({})));
  assert.ok(mayBeMachine(call({ kind: "callback" })));
  for (const other of [
    call({ kind: "inbound" }), call({ kind: "consult" }), call({ channel: "video" }), call({ phase: "connecting" }), call({ phase: "wrapping" }),
    call({ call: { consult: "x", parties: [] } as unknown as Contact["call"] }),
  ]) assert.ok(!mayBeMachine(other), JSON.stringify(other));
});

test("rows keep their order until another is asked for", () => {
  const rows = [{ n: 2 }, { n: 3 }, { n: 1 }];
  const columns = [{ id: "n", label: "n", cell: () => null, order: (a: { n: number }, b: { n: number }) => a.n - b.n }];
  assert.equal(sorted(rows, columns, null), rows);
  assert.deepEqual(sorted(rows, columns, { column: "n", down: true }).map((row) => row.n), [3, 2, 1]);
});
