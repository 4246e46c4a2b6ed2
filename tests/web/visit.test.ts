// A visitor's page and the video room: files that are handed over, and their words.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Refused, Unanswered } from "../../desk/web/src/lib/api";
import { language } from "../../desk/web/src/lib/i18n";
import * as devices from "../../desk/web/src/text/devices";
import * as files from "../../desk/web/src/text/files";
import * as room from "../../desk/web/src/text/room";
import * as visit from "../../desk/web/src/text/visit";
import { type Sending, faultOf, faultWords, filesPath, hand, sizeWords } from "../../desk/web/src/video/files";
import type { FileRules } from "../../desk/web/src/video/messages";

const RULES: FileRules = { type: "rules", largest: 10 * 1024 * 1024, most: 20, kinds: ["application/pdf", "image/png"] };

beforeEach(() => {
  language.value = "id";
});

test("each text of a visit is there in both languages, with the same places for values", () => {
  for (const { say } of [devices, files, room, visit]) {
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

test("a call's files have their address beside its page", () => {
  const page = "/api/v1/public/video/visits/ab/page?token=t0";
  assert.equal(filesPath(page), "/api/v1/public/video/visits/ab/files?token=t0");
  assert.equal(filesPath(page, "f/1"), "/api/v1/public/video/visits/ab/files/f%2F1?token=t0");
  assert.equal(filesPath("/api/v1/interactions/ab/room?listen=1", "f1"), "/api/v1/interactions/ab/room/files/f1");
  const named = filesPath("/api/v1/interactions/ab/room", "", { name: "a&b #1.pdf" });
  assert.equal(named, "/api/v1/interactions/ab/room/files?name=a%26b+%231.pdf");
});

test("what is plainly wrong with a file is said before it is sent", () => {
  const of = (size: number, type: string): Blob => ({ size, type }) as Blob;
  assert.equal(faultOf(of(0, "application/pdf"), RULES, 0), "file_empty");
  assert.equal(faultOf(of(RULES.largest + 1, "application/pdf"), RULES, 0), "file_large");
  assert.equal(faultOf(of(5, "application/pdf"), RULES, 20), "file_many");
  assert.equal(faultOf(of(5, "text/html"), RULES, 0), "file_kind");
  assert.equal(faultOf(of(RULES.largest, "image/png"), RULES, 19), null);
  assert.equal(faultOf(of(5, ""), RULES, 0), null);
});

test("the server's refusal chooses the words, and no answer can be tried again", async () => {
  const sending: Sending = { key: "k", file: new Blob(["x"]), name: `${"n".repeat(10_000)}\ud800.pdf`, snapshot: false, fault: null };
  let url = "";
  const answers = (status: number, body: unknown) => async (asked: unknown): Promise<Response> => {
    url = String(asked);
    return new Response(JSON.stringify(body), { status });
  };
  const refused = (code: string) => ({ error: { code } });
  assert.equal(await hand("/p/page", sending, answers(200, {})), null);
  assert.ok(url.length < 400 && url.endsWith("n.pdf"), url);
  assert.equal(await hand("/p/page", sending, answers(415, refused("file_kind"))), "file_kind");
  assert.equal(await hand("/p/page", sending, answers(410, refused("over"))), "file_over");
  assert.equal(await hand("/p/page", sending, answers(503, refused("later"))), "file_failed");
  assert.equal(await hand("/p/page", sending, () => Promise.reject(new TypeError("network"))), "file_failed");
});

test("sizes and refusals are words that a person uses", () => {
  assert.equal(sizeWords(1), "1 KB");
  assert.equal(sizeWords(340 * 1024), "340 KB");
  assert.equal(sizeWords(1_258_291), "1,2 MB");
  assert.equal(sizeWords(RULES.largest), "10 MB");
  const name = `\u202e${"panjang".repeat(20)}.exe`;
  const words = faultWords({ key: "k", file: new Blob(), name, snapshot: false, fault: "file_large" }, RULES);
  assert.match(words, /^ panjang[a-z]*…[a-z]*\.exe: paling besar 10 MB/u);
  assert.ok(words.length < 120 && !words.includes("\u202e"));
});

test("a refused number or code has words of its own, whatever the language", async () => {
  const { numberProblem } = await import("../../desk/web/src/visitor/call-back");
  const { faultOfCode } = await import("../../desk/web/src/visitor/code");
  const refused = (code: string, status = 422) => new Refused(status, code, "");
  const said = ["malformed", "own", "foreign", "premium", "off", "twice"].map((each) => numberProblem(refused(`number_${each}`)));
  assert.equal(new Set(said).size, 6);
  assert.equal(numberProblem(refused("invalid")), said[0]);
  assert.match(numberProblem(refused("conflict", 409)), /sudah menerima panggilan/);
  language.value = "en";
  assert.match(numberProblem(null), /Fill in a telephone number/);
  assert.equal(faultOfCode(refused("code", 410)), "code_wrong");
  assert.equal(faultOfCode(refused("codes", 429)), "code_many");
  assert.equal(faultOfCode(new Unanswered("/")), "code_later");
});

test("a network is called weak after two bad looks, and no more after two others", async () => {
  const { Weakness } = await import("../../desk/web/src/video/weak");
  const it = new Weakness();
  const said = (["bad", "good", "bad", "fair", "bad", "bad", "good", "bad", "good", "fair", "bad"] as const).map((each) => it.look(each));
  assert.deepEqual(said, [false, false, false, false, false, true, true, true, true, false, false]);
});
