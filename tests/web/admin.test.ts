// What the administration decides by itself: what a form changed, and how two changes come together.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CLOSED, hoursOf, shiftsOf, week } from "../../desk/web/src/admin/calendar";
import { flaw } from "../../desk/web/src/admin/flaws";
import { people } from "../../desk/web/src/admin/people";
import { compare, excerpt, merge } from "../../desk/web/src/admin/lines";
import { FOLDERS, choose, idOf, partsOf, sectionOf } from "../../desk/web/src/admin/sections";
import { clashes, mended } from "../../desk/web/src/admin/meeting";
import { apply, at, edits, keyOf, listAt, set, touches, values, without } from "../../desk/web/src/admin/tree";
import { language } from "../../desk/web/src/lib/i18n";

const QUEUES = values({
  licensing: { name: { id: "Perizinan", en: "Licensing" }, offer: "20 s", max_length: 100 },
  general: { name: { id: "Umum", en: "General" }, overflow: "licensing" },
});

test("a form sends the smallest places that differ, and they make the same file", () => {
  let draft = set(QUEUES, ["licensing", "wrap_up"], "45 s");
  draft = set(draft, ["licensing", "name", "en"], "Permits");
  draft = without(draft, ["general", "overflow"]);
  draft = set(draft, ["new"], { name: { id: "Baru", en: "New" } });
  const changes = edits(QUEUES, draft);
  assert.deepEqual(changes, [
    { path: ["licensing", "name", "en"], value: "Permits" },
    { path: ["licensing", "wrap_up"], value: "45 s" },
    { path: ["general", "overflow"], remove: true },
    { path: ["new"], value: { name: { id: "Baru", en: "New" } } },
  ]);
  assert.deepEqual(apply(QUEUES, changes), draft);
  assert.deepEqual(edits(QUEUES, QUEUES), []);
});

test("a value is text, a list may be written with commas, and a strange key breaks nothing", () => {
  assert.equal(at(QUEUES, ["licensing", "max_length"]), "100");
  assert.equal(at(QUEUES, ["constructor", "name"]), undefined);
  assert.deepEqual(listAt(values({ channels: "voice, chat" }), ["channels"]), ["voice", "chat"]);
  assert.deepEqual(listAt(values({ channels: ["voice"] }), ["channels"]), ["voice"]);
  assert.deepEqual(edits(values({ rows: ["a", "b"] }), values({ rows: ["b"] })), [{ path: ["rows"], value: ["b"] }]);
  assert.deepEqual(edits(values({ rows: [{ a: 1 }, { a: 2 }] }), values({ rows: [{ a: 1 }, { a: 3 }] })), [{ path: ["rows", 1, "a"], value: "3" }]);
  assert.deepEqual(values({ a: null, b: true }), { a: "", b: "true" });
});

test("a place is written as the checker of the files writes it", () => {
  assert.equal(keyOf(["voice", 0, "queues"]), "voice[0].queues");
  assert.equal(keyOf(["notice.recording", "id"]), "notice.recording.id");
  assert.ok(touches(["a"], ["a", "b"]));
  assert.ok(!touches(["a", "c"], ["a", "b"]));
});

test("texts are compared by line, and only what is near a change is shown", () => {
  const old = "1\n2\n3\n4\n5\n6\n7\n8";
  const lines = compare(old, "1\n2\n3\n4\nfive\n6\n7\n8\n9");
  assert.deepEqual(lines.filter((line) => line.kind !== "same").map((line) => [line.kind, line.text, line.number]), [
    ["old", "5", 5], ["new", "five", 5], ["new", "9", 9],
  ]);
  assert.deepEqual(excerpt(compare(old, "1\n2\n3\nfour\n5\n6\n7\n8"), 1).map((line) => line?.text ?? "…"), ["…", "3", "4", "four", "5", "…"]);
  assert.deepEqual(excerpt(compare(old, old)), []);
  assert.deepEqual(compare("", "a").map((line) => line.kind), ["old", "new"]);
});

test("two people's changes of different lines come together; of the same lines somebody decides", () => {
  const base = "a\nb\nc\nd\ne";
  assert.equal(merge(base, "A\nb\nc\nd\ne", "a\nb\nc\nd\nE\nf"), "A\nb\nc\nd\nE\nf");
  assert.equal(merge(base, "a\nb\nX\nd\ne", "a\nb\nY\nd\ne"), null);
  assert.equal(merge(base, base, "z"), "z");
});

test("a form's changes go on top of somebody else's, and where both changed a place one of them is chosen", () => {
  const mine = without(set(QUEUES, ["licensing", "offer"], "30 s"), ["general", "overflow"]);
  const theirs = set(set(QUEUES, ["licensing", "offer"], "25 s"), ["licensing", "max_length"], "50");
  assert.deepEqual(clashes(QUEUES, mine, theirs), [{ path: ["licensing", "offer"], mine: "30 s", theirs: "25 s" }]);
  const own = mended(QUEUES, mine, theirs, () => true);
  assert.equal(at(own, ["licensing", "offer"]), "30 s");
  assert.equal(at(own, ["licensing", "max_length"]), "50");
  assert.equal(at(own, ["general", "overflow"]), undefined);
  assert.equal(at(mended(QUEUES, mine, theirs, () => false), ["licensing", "offer"]), "25 s");
  const gone = without(QUEUES, ["licensing"]);
  assert.deepEqual(at(mended(QUEUES, mine, gone, () => true), ["licensing"]), at(mine, ["licensing"]));
  assert.deepEqual(clashes(QUEUES, mine, mine), []);
});

test("a week is shown day by day and written in ranges again", () => {
  const written = values({ "mon-fri": "08:00-12:00, 13:00-17:00", sun: "closed" });
  const days = hoursOf(written);
  assert.equal(days.fri, "08:00-12:00, 13:00-17:00");
  assert.equal(days.sat, CLOSED);
  assert.deepEqual(shiftsOf(days.mon), [["08:00", "12:00"], ["13:00", "17:00"]]);
  assert.deepEqual(week(days), { "mon-fri": "08:00-12:00, 13:00-17:00" });
  assert.deepEqual(week({ ...days, wed: CLOSED, sat: "09:00-12:00" }), {
    "mon-tue": "08:00-12:00, 13:00-17:00", "thu-fri": "08:00-12:00, 13:00-17:00", sat: "09:00-12:00",
  });
  assert.equal(hoursOf(values({ "sat, sun": "22:00-06:00" })).sun, "22:00-06:00");
});

test("a group's people have the ids that the centre gives them", () => {
  const agents = values({
    groups: { voice: { first: "ag099", profile: "voice", names: ["Adi", "Budi"] } },
    agents: { zahra: { name: "Zahra", profile: "voice" } },
  });
  assert.deepEqual(people(agents).map(({ id, name }) => [id, name]), [["ag099", "Adi"], ["ag100", "Budi"], ["zahra", "Zahra"]]);
});

test("what the checker says is said in the language of the screen", () => {
  language.value = "id";
  assert.equal(flaw("2 h is outside 0 ms to 1 h"), "2 jam di luar batas: 0 ms sampai 1 jam.");
  assert.match(flaw('"abc s" is not a duration with its unit, such as 500 ms, 20 s, 5 min or 1 h'), /bukan lama waktu/);
  assert.equal(flaw('unknown "lkp"; did you mean "lkpm"? allowed: lkpm, general'), "\u201clkp\u201d tidak dikenal. Pilihan: lkpm, general.");
  assert.match(flaw("this is no sound file that is known here: WAV, MP3, Ogg, FLAC, M4A or WebM"), /bukan suara yang dikenal.*WebM/);
  assert.match(flaw("longer than 3 minutes; no caller listens so long"), /lebih dari 3 menit/);
  assert.match(flaw("the sound file is damaged, or holds no sound"), /rusak atau tidak berisi suara/);
  assert.match(flaw('the first line is the title: "# Title"'), /judul/);
  assert.match(flaw("longer than 20,000 characters"), /Lebih dari 20,000 karakter/);
  assert.equal(flaw("something new"), "Something new");
});

test("a problem in another file leads to the part that keeps it", () => {
  assert.equal(idOf("/srv/centre/profiles.yaml"), "profiles");
  assert.equal(idOf("config/centre/ivr/main.yaml"), "ivr/main");
  assert.equal(sectionOf(idOf("config/centre/ivr/night.yaml"))?.id, "menu");
  assert.equal(sectionOf("profiles")?.id, "profil");
  assert.equal(sectionOf("unknown"), undefined);
  assert.equal(idOf("config/centre/scripts/lkpm.id.md"), "scripts/lkpm.id");
  assert.equal(sectionOf("scripts/lkpm.id")?.id, "naskah");
  assert.deepEqual(partsOf("scripts/lkpm.id"), { name: "lkpm", language: "id" });
  choose("scripts/lkpm.id");
  assert.equal(FOLDERS.naskah.chosen.value, "scripts/lkpm.id");
  assert.equal(FOLDERS.menu.chosen.value, "ivr/main", "a script is no menu");
});
