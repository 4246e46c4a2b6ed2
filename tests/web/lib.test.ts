// Pure parts of the pages, in Node's own test runner.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Refused, Unanswered, ask, tell } from "../../desk/web/src/lib/api";
import * as format from "../../desk/web/src/lib/format";
import { fill, language } from "../../desk/web/src/lib/i18n";
import { isSingle, shown, spokenKeys } from "../../desk/web/src/lib/keys";
import { blocks, spans } from "../../desk/web/src/lib/markdown";
import { match } from "../../desk/web/src/lib/router";
import { fits } from "../../desk/web/src/lib/search";
import { IN_CALL_GAIN, swelling, volume } from "../../desk/web/src/lib/sounds";
import { passwordFlaw } from "../../desk/web/src/lib/password";
import * as admin from "../../desk/web/src/text/admin";
import * as byTelephone from "../../desk/web/src/text/by-telephone";
import * as common from "../../desk/web/src/text/common";
import * as conversation from "../../desk/web/src/text/conversation";
import * as customer from "../../desk/web/src/text/customer";
import * as desk from "../../desk/web/src/text/desk";
import * as flaws from "../../desk/web/src/text/flaws";
import * as signIn from "../../desk/web/src/text/sign-in";
import * as supervisor from "../../desk/web/src/text/supervisor";
import * as voicemail from "../../desk/web/src/text/voicemail";
import * as wallboard from "../../desk/web/src/text/wallboard";

beforeEach(() => {
  language.value = "id";
});

test("each text is there in both languages, with the same places for values", () => {
  for (const { say } of [admin, byTelephone, common, conversation, customer, desk, flaws, signIn, supervisor, voicemail, wallboard]) {
    const { id, en } = say.texts as Record<"id" | "en", Record<string, string>>;
    assert.deepEqual(Object.keys(en).sort(), Object.keys(id).sort());
    for (const [key, text] of Object.entries(id)) {
      const places = (of: string | undefined): string[] => (of?.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(places(en[key]), places(text), key);
      assert.ok(text.trim() && en[key]?.trim(), key);
      assert.ok(!/!/.test(text + en[key]), `${key} shouts`);
    }
  }
});

test("a place without a value stays visible", () => {
  assert.equal(fill("{a} dan {b}", { a: 1 }), "1 dan {b}");
});

test("an article has headings, paragraphs, lists, emphasis and safe links; all else is text", () => {
  const text = "## Judul\n\nSatu\nbaris **tebal** dan *miring*.\n- a\n- b\n1. c\n2. d\nakhir\n";
  assert.deepEqual(blocks(text).map((block) => block.kind), ["heading", "paragraph", "bullets", "numbers", "paragraph"]);
  assert.deepEqual(spans("**a** [b](https://oss.go.id/x) *c*").map((span) => span.kind), ["strong", "text", "link", "text", "em"]);
  for (const wrong of ["[a](javascript:alert(1))", "<b>x</b>", "[a](http://x)", "![a](data:x)", "2 * 3 * 4", "**"]) {
    assert.deepEqual(spans(wrong), [{ kind: "text", text: wrong }]);
  }
  assert.deepEqual(blocks("#tanpa spasi"), [{ kind: "paragraph", spans: [{ kind: "text", text: "#tanpa spasi" }] }]);
  assert.deepEqual(blocks(""), []);
  assert.equal(blocks("*".repeat(20_000)).length, 1);
});

test("durations and times as people here write them", () => {
  assert.equal(format.running(372_000), "06:12");
  assert.equal(format.running(3_960_000), "1 j 06 m");
  assert.equal(format.running(null), "–");
  assert.equal(format.running(-5), "00:00");
  assert.equal(format.longRunning(4_360_000), "01:12:40");
  assert.equal(format.left(37_001), "0:38");
  assert.equal(format.left(-1), "0:00");
  assert.equal(format.spoken(190_000), "3 mnt 10 dtk");
  assert.equal(format.spoken(3_600_000), "1 j");
  assert.equal(format.aloud(198_000), "3 menit 18 detik");
  const at = Date.UTC(2026, 10, 25, 3, 42);
  assert.equal(format.clock(at), "10.42");
  assert.equal(format.day(at), "25 Nov");
  assert.equal(format.fullDay(at), "Rabu, 25 November 2026");
  assert.equal(format.number(1284), "1.284");
  assert.equal(format.number(86.5, 1), "86,5");
  assert.equal(format.percent(null), "–");
  language.value = "en";
  assert.equal(format.clock(at), "10:42");
  assert.equal(format.spoken(190_000), "3 min 10 s");
  assert.equal(format.number(1284), "1,284");
});

test("midnight in Jakarta is 00.00, and a day is Jakarta's day", () => {
  const midnight = Date.UTC(2026, 10, 24, 17, 0);
  assert.equal(format.clock(midnight), "00.00");
  assert.equal(format.moment(midnight - 60_000, midnight + 60_000), "24 Nov");
  assert.equal(format.moment(midnight, midnight + 60_000), "00.00");
});

test("initials are letters only, whatever a name holds", () => {
  assert.equal(format.initials("Sari Dewanti"), "SD");
  assert.equal(format.initials("<b>adi"), "B");
  assert.equal(format.initials("\u202E..."), "");
});

test("an address is matched whole, and bad escapes are no match", () => {
  assert.deepEqual(match("/meja/k/:id", "/meja/k/ab12"), { id: "ab12" });
  assert.deepEqual(match("/meja/k/:id", "/meja/k/a%2Fb/"), { id: "a/b" });
  assert.equal(match("/meja/k/:id", "/meja/k/"), null);
  assert.equal(match("/meja/k/:id", "/meja/k/%E0%A4%A"), null);
  assert.equal(match("/meja", "/meja/k"), null);
});

test("typing finds by the beginnings of words, without accents or case", () => {
  assert.ok(fits("lap lkpm", "Pelaporan LKPM", "laporan"));
  assert.ok(fits("jose", "José Ramos"));
  assert.ok(!fits("oran", "Pelaporan LKPM"));
  assert.ok(fits("", "anything"));
});

test("a single character is known as one, and a key is written as people read it", () => {
  for (const keys of ["a", "?", "[Shift]+?", "Shift+KeyA", "Digit1"]) assert.ok(isSingle(keys), keys);
  for (const keys of ["F2", "Alt+KeyM", "$mod+KeyK", "Control+Shift+KeyE", "Escape"]) assert.ok(!isSingle(keys), keys);
  assert.equal(shown("Control+Shift+KeyE"), "Ctrl Shift E");
  assert.equal(shown("[Shift]+?"), "?");
  assert.equal(spokenKeys("$mod+KeyK"), "Control+K");
});

test("the ring swells to the set volume, and a sound in a call is 18 dB softer", () => {
  assert.deepEqual([0, 1, 2, 3, 9].map(swelling), [0.4, 0.6000000000000001, 0.8, 1, 1]);
  const settings = { ring: 1, other: 0.5, visual: false, device: "" };
  assert.ok(Math.abs(20 * Math.log10(volume("ring", settings, true) / volume("ring", settings, false)) + 18) < 0.01);
  assert.ok(Math.abs(20 * Math.log10(IN_CALL_GAIN) + 18) < 1e-9);
});

// --- requests ---------------------------------------------------------------------------------------------------

function server(...answers: (Response | Error)[]) {
  const sent: { url: string; init: RequestInit }[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    sent.push({ url, init });
    const answer = answers.shift();
    if (answer === undefined) throw new Error("asked more often than expected");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { sent, how: { fetch, wait: async () => undefined } };
}

const header = (init: RequestInit, name: string): string | null => new Headers(init.headers).get(name);

test("a change that nobody answered is sent again with the same key", async () => {
  const { sent, how } = server(new TypeError("network"), new Response("", { status: 502 }), Response.json({ done: true }));
  assert.deepEqual(await tell("/x", { a: 1 }, how), { done: true });
  assert.equal(new Set(sent.map(({ init }) => header(init, "Idempotency-Key"))).size, 1);
  assert.equal(sent.length, 3);
  assert.equal(header(sent[0]!.init, "X-Sambung"), "1");
});

test("two changes have two keys", async () => {
  const { sent, how } = server(Response.json({}), Response.json({}));
  await tell("/x", {}, how);
  await tell("/x", {}, how);
  assert.equal(new Set(sent.map(({ init }) => header(init, "Idempotency-Key"))).size, 2);
});

test("a refusal is not repeated, and keeps its code and key", async () => {
  const refusal = { error: { code: "invalid", message: "no such queue", key: "to.queue" } };
  const { sent, how } = server(Response.json(refusal, { status: 422 }));
  await assert.rejects(tell("/x", {}, how), (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.status, error.code, error.key], [422, "invalid", "to.queue"]);
    return true;
  });
  assert.equal(sent.length, 1);
});

test("silence ends as Unanswered after four tries", async () => {
  const { sent, how } = server(...Array.from({ length: 4 }, () => new TypeError("network")));
  await assert.rejects(ask("/x", how), Unanswered);
  assert.equal(sent.length, 4);
});

test("a new password is long enough, new, and typed alike twice", () => {
  const old = "the old password";
  assert.equal(passwordFlaw(old, "eleven char", "eleven char"), "short");
  assert.equal(passwordFlaw(old, "ééééééééééé", "ééééééééééé"), "short", "characters count, not bytes");
  assert.equal(passwordFlaw(old, "twelve chars", "twelve chars"), null);
  assert.equal(passwordFlaw(old, old, old), "same");
  assert.equal(passwordFlaw(old, "twelve chars", "twelve Chars"), "differs");
});
