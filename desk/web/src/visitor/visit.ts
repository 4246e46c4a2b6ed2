// A visit from the first look at the page to the rating: what is asked, what is kept over a reload, which screen it is.

import { computed, effect, signal } from "@preact/signals";
import { Refused, ask, tell } from "../lib/api";
import { announce } from "../lib/announce";
import { language } from "../lib/i18n";
import { keep, kept } from "../lib/keep";
import type { Label } from "../lib/model";
import { problem } from "../lib/words";
import { say } from "../text/visit";
import { VideoCall } from "../video/call";
import { LocalMedia, type MediaFault, NoMedia } from "../video/media";
import { agreed as appointment, dropLink, good, hindrance, lookUp, speak, takeLink, token } from "./appointment";
import { check, codeFault, dropCode, faultOfCode, goodCode, takeFromAddress } from "./code";
import { music } from "./music";

const PATH = "/public/video";
/** Where the visit that had a conversation is kept: it is to be rated. */
const TALKED = "visit.talked";

export interface Welcome {
  readonly centre: Label;
  readonly zone: string;
  readonly languages: readonly string[];
  readonly open: boolean;
  readonly refusal: "hours" | "closed" | "media" | null;
  readonly opens_at: number | null;
  readonly topics: readonly { readonly id: string; readonly name: Label }[];
  readonly consent: { readonly version: string; readonly text: Label; readonly without: boolean };
  readonly prepare: readonly Label[];
  readonly waiting: number;
  readonly telephone: string;
  readonly calls_back: boolean;
}

interface Visiting {
  readonly id: string;
  readonly token: string;
}

export const welcome = signal<Welcome | null>(null);
export const media = new LocalMedia();
export const fault = signal<MediaFault | null>(null);
/** The visitor chose to be heard only. */
export const voiceOnly = signal(false);
export const name = signal(kept<string>("session", "visit.name", ""));
export const topic = signal("");
export const agreed = signal(false);
export const wrong = signal<{ readonly field: "name" | "topic" | "consent" | "all"; readonly text: string } | null>(null);
export const call = signal<VideoCall | null>(null);
export const rated = signal(false);
/** Where the visitor is called instead of waiting. */
export const calledOn = signal<string | null>(null);
/** Whether the visit ended in talking, or before. */
export const talked = signal(false);
/** The visit was over when the page was opened again, and is still to be rated. */
const unrated = signal(false);
const visiting = signal<Visiting | null>(kept<Visiting | null>("session", "visit", null));

export type Screen = "loading" | "closed" | "fault" | "appointment" | "ready" | "waiting" | "call" | "done" | "elsewhere";

export const screen = computed<Screen>(() => {
  const now = call.value;
  if (now) {
    if (now.link.value === "elsewhere") return "elsewhere";
    const stage = now.state.value?.stage;
    if (stage === "over" || now.link.value === "over" || now.link.value === "refused") return "done";
    if (stage === undefined) return "loading";
    return stage === "waiting" ? "waiting" : "call";
  }
  if (unrated.value) return "done";
  if (!welcome.value) return "loading";
  if (hindrance.value) return "appointment";
  if (!welcome.value.open) return "closed";
  return fault.value ? "fault" : "ready";
});

/** The short number by which the visitor may ask about this visit. */
export const reference = computed(() => (visiting.value?.id ?? "").slice(0, 8).toUpperCase());

/** Look what there is, and go back into a visit that goes on. */
export async function begin(): Promise<void> {
  const coded = takeFromAddress();
  const invited = takeLink();
  await lookUp();
  if (invited) speak();
  await look();
  expect();
  const before = visiting.value;
  if (!before) {
    if (coded) await check();
    return;
  }
  try {
    const standing = await ask<{ readonly live: boolean; readonly rated: boolean }>(
      `${PATH}/visits/${before.id}?token=${before.token}`,
    );
    rated.value = standing.rated;
    talked.value = kept("session", TALKED, "") === before.id;
    if (standing.live) await resume(before);
    else if (talked.value && !rated.value) unrated.value = true;
    else forget();
  } catch (error) {
    if (error instanceof Refused) forget();
    else throw error;
  }
}

export async function look(): Promise<void> {
  try {
    welcome.value = await ask<Welcome>(PATH);
  } catch (error) {
    wrong.value = { field: "all", text: problem(error) };
  }
}

/** Fill in what was agreed. */
function expect(): void {
  const it = appointment.value;
  if (!it) return;
  if (it.name && !name.value) name.value = it.name;
  if (welcome.value?.topics.some((each) => each.id === it.topic)) topic.value = it.topic;
}

/** Ask for the devices. Called from a click. */
export async function allow(withCamera: boolean): Promise<void> {
  fault.value = null;
  voiceOnly.value = !withCamera;
  try {
    await media.open(withCamera);
  } catch (error) {
    if (!(error instanceof NoMedia)) throw error;
    fault.value = error.fault;
  }
}

/** Stand in line. */
export async function enter(): Promise<void> {
  wrong.value = missing();
  if (wrong.value) {
    document.getElementById(wrong.value.field)?.focus();
    return;
  }
  const now = welcome.value;
  if (!now) return;
  // Here, as long as the touch counts.
  music.wake();
  keep("session", "visit.name", name.value.trim());
  const body = {
    name: name.value.trim(),
    topic: goodCode.value ? "" : topic.value,
    language: language.value,
    camera: media.camera.value,
    consent: agreed.value ? now.consent.version : "",
    code: goodCode.value,
    appointment: goodCode.value ? "" : (good.value && token.value) || "",
  };
  try {
    stand(await tell<Visiting>(`${PATH}/visits`, body));
  } catch (error) {
    await refused(error);
  }
}

function stand(made: Visiting): void {
  keep("session", "visit", made);
  visiting.value = made;
  dropCode();
  join(made);
}

/** Go on here with the call of the appointment, which is open elsewhere. Called from a click. */
export async function comeBack(): Promise<void> {
  await allow(true);
  fault.value = null;
  const body = { name: name.value || "–", topic: "", language: language.value, camera: media.camera.value, appointment: token.value };
  try {
    stand(await tell<Visiting>(`${PATH}/visits`, body));
  } catch {
    await lookUp();
  }
}

async function refused(error: unknown): Promise<void> {
  const why = error instanceof Refused ? error.code : "";
  if (why === "code" || why === "codes") {
    // Answered, hung up, or used elsewhere while the page was filled in.
    goodCode.value = "";
    codeFault.value = faultOfCode(error);
    return;
  }
  if (why.startsWith("appointment_") || why === "unknown") {
    // It was cancelled, or its time went by, while the page was filled in.
    await lookUp();
    return;
  }
  if (why === "closed" || why === "consent") await look();
  const field = why === "consent" ? "consent" : "all";
  const text = why === "consent" ? say("consent_changed") : why === "later" ? say("too_many") : problem(error);
  if (why === "consent") agreed.value = false;
  wrong.value = { field, text };
}

function missing(): typeof wrong.value {
  const consent = welcome.value?.consent;
  if (name.value.trim() === "") return { field: "name", text: say("name_missing") };
  if (topic.value === "" && !goodCode.value) return { field: "topic", text: say("topic_missing") };
  if (!agreed.value && consent && !consent.without) return { field: "consent", text: say("consent_missing") };
  return null;
}

async function resume(before: Visiting): Promise<void> {
  // First the place in line: a browser that asks about the devices again may wait long for an answer.
  join(before);
  await media.reopen().catch((error: unknown) => {
    if (!(error instanceof NoMedia)) throw error;
  });
}

function join(made: Visiting): void {
  media.remember(made.id);
  call.value?.dispose();
  call.value = new VideoCall(`/api/v1${PATH}/visits/${made.id}/page?token=${made.token}`, media);
}

export function takeHere(): void {
  if (visiting.value) join(visiting.value);
}

export async function rate(score: number, comment: string): Promise<void> {
  const made = visiting.value;
  if (!made) return;
  await tell(`${PATH}/visits/${made.id}/rating?token=${made.token}`, { score, comment });
  rated.value = true;
  keep("session", "visit", null);
}

/** Leave the line to be called instead, and keep the place. Raises Refused or Unanswered. */
export async function callBack(number: string): Promise<void> {
  const made = visiting.value;
  if (!made) return;
  const kept = await tell<{ readonly number: string }>(`${PATH}/visits/${made.id}/callback?token=${made.token}`, { number });
  calledOn.value = kept.number;
}

/** Begin again, with the same name. */
export async function again(): Promise<void> {
  call.value?.dispose();
  call.value = null;
  forget();
  rated.value = talked.value = unrated.value = false;
  calledOn.value = null;
  await lookUp();
  if (hindrance.value) dropLink();
  await look();
  expect();
}

function forget(): void {
  keep("session", "visit", null);
  visiting.value = null;
}

effect(() => {
  const at = screen.value;
  if (at === "call") {
    talked.value = true;
    keep("session", TALKED, visiting.peek()?.id);
  }
  if (at === "done") {
    media.close();
    call.value?.connection.close();
    if (!talked.peek() || rated.peek()) keep("session", "visit", null);
  }
});

let spokenPlace: number | null = null;
effect(() => {
  const state = call.value?.state.value;
  const place = state?.stage === "waiting" ? state.position : null;
  if (place === spokenPlace) return;
  spokenPlace = place;
  if (place !== null) announce(place === 1 ? say("next") : say("ahead", { count: place - 1 }));
});
