// The offer that is there now: which, how it sounds, how it is taken, and what became of it.

import { computed, effect, signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { tell } from "../lib/api";
import { now, serverTime } from "../lib/clock";
import type { Contact, Notice } from "../lib/model";
import { keysOf, actions, shown } from "../lib/keys";
import { go } from "../lib/router";
import { type Alert, alert, play } from "../lib/sounds";
import { colleagues, desk, onNotice, work } from "../lib/views";
import * as phone from "../phone/phone";
import { say as common } from "../text/common";
import { say } from "../text/desk";
import { type OfferView, offerSpoken } from "../ui/offer-card";
import { appointmentMark } from "./appointment";
import { contactName, isSpoken, offerWhat, topic } from "./contact";
import { attempt, deskPhoneUp } from "./doing";
import { pastClause } from "./past";
import { recovering } from "./recovery";

/** A key already on its way when the card appeared is not meant for it. */
const GUARD_MS = 250;
const FOLDED_MS = 4_000;

/** The offers the agent has said yes to, until the server has answered. */
const accepted = signal<ReadonlySet<number>>(new Set());
/** What became of the last offer, for a moment. */
export const folded = signal<{ readonly text: string; readonly late: boolean } | null>(null);
/** That the agent was set to not ready for not answering, until ready again. */
export const missed = signal<string | null>(null);

export const offered = computed<Contact | null>(
  () => work.value.find((contact) => contact.offer !== null && contact.phase === "offered") ?? null,
);
let appeared = 0;

export const offerView = computed<OfferView | null>(() => {
  const contact = offered.value;
  const offer = contact?.offer;
  if (!contact || !offer) return null;
  return {
    key: String(offer.offer),
    channel: contact.channel,
    what: offerWhat(contact),
    who: contactName(contact),
    topic: [appointmentMark(contact), topic(contact)].filter(Boolean).join(" · ") || null,
    waitedMs: offer.why?.waited_ms ?? offer.since - contact.arrived_at,
    why: offer.why,
    since: offer.since,
    until: offer.until,
    past: contact.caller === null ? null : pastClause(contact.id),
    accepted: accepted.value.has(offer.offer),
  };
});

/** What to do instead of pressing Terima: the call rings on a desk phone, and only that one. */
export const instead = computed<string | null>(() => {
  const contact = offered.value;
  if (!contact || !isSpoken(contact) || phone.line.value === "ready") return null;
  return deskPhoneUp() ? say("lift_receiver") : null;
});

export async function accept(): Promise<void> {
  const contact = offered.value;
  const offer = contact?.offer;
  if (!contact || !offer || accepted.value.has(offer.offer) || performance.now() - appeared < GUARD_MS) return;
  if (instead.value !== null) return;
  accepted.value = new Set([...accepted.value, offer.offer]);
  announce(say("offer_connecting"));
  go(`/meja/k/${contact.id}`);
  if (isSpoken(contact)) {
    // It may still be on its way to this telephone; then it is answered when it comes.
    phone.fault.value = null;
    phone.expect(Math.max(0, offer.until - serverTime()));
    // Without a microphone it rings on, and the strip says what to do.
    effectOnce(() => phone.fault.value !== null, () => release(offer.offer));
  } else if (!(await attempt(contact.id, () => tell(`/offers/${offer.offer}/accept`)))) {
    release(offer.offer);
  }
}

export async function skip(): Promise<void> {
  const offer = offered.value?.offer;
  if (!offer || performance.now() - appeared < GUARD_MS) return;
  phone.expectNothing();
  await attempt("", () => tell(`/offers/${offer.offer}/reject`, { reason: "" }));
}

function release(offer: number): void {
  const left = new Set(accepted.value);
  left.delete(offer);
  accepted.value = left;
}

function effectOnce(when: () => boolean, call: () => void): void {
  const key = offerView.value?.key;
  const stop = effect(() => {
    const over = offerView.value?.key !== key;
    const happened = when();
    if (!over && !happened) return;
    queueMicrotask(() => stop());
    if (!over) call();
  });
}

/** Sound, say and show each offer once, and what became of it. */
export function watchOffers(): void {
  let silence = (): void => undefined;
  let last: string | null = null;
  effect(() => {
    const view = offerView.value;
    if (view?.key === last) return;
    // A yes was said to the offer that went; the next call must not be answered by it.
    if (last !== null) phone.expectNothing();
    last = view?.key ?? null;
    silence();
    silence = () => undefined;
    if (!view) return;
    appeared = performance.now();
    folded.value = null;
    // A call that is being brought back is answered by itself; it is no news.
    if (recovering.peek()?.id === offered.peek()?.id) return;
    silence = alert(soundOf(view));
    announce(offerSpoken(view, keyOf("accept")), true);
    notify(view);
    warnBeforeEnd(view);
  });
  effect(() => {
    // The ring stops on the key press, not when the server has answered.
    if (offerView.value?.accepted) silence();
  });
  effect(() => {
    const view = offerView.value;
    document.title = view && !view.accepted ? `(1) ${view.what} · Sambung` : `${say("desk")} · Sambung`;
  });
  onNotice(overNotice);
}

function soundOf(view: OfferView): Alert {
  return view.channel === "voice" || view.channel === "video" || view.channel === "walkin" ? "voice" : "text";
}

function keyOf(id: string): string {
  const action = actions.value.find((each) => each.id === id);
  return action ? shown(keysOf(action)) : "";
}

function warnBeforeEnd(view: OfferView): void {
  const stop = effect(() => {
    if (offerView.value?.key !== view.key || offerView.value.accepted) {
      queueMicrotask(() => stop());
    } else if (view.until - now.value <= 5_000) {
      announce(say("offer_seconds"));
      queueMicrotask(() => stop());
    }
  });
}

function notify(view: OfferView): void {
  if (document.visibilityState === "visible" || typeof Notification === "undefined") return;
  if (Notification.permission !== "granted") return;
  // No name and no number: it may show on a locked screen.
  const note = new Notification(say("notification_offer", { channel: common(view.channel) }), {
    body: say("notification_body"), tag: "offer", silent: true,
  });
  note.onclick = () => {
    window.focus();
    note.close();
  };
}

function overNotice(notice: Notice): void {
  if (notice.kind !== "offer_over" || !notice.why) return;
  if (notice.offer) release(notice.offer);
  const who = (notice.taken_by && colleagues.value.get(notice.taken_by)?.name) || notice.taken_by || "";
  const text = say(`offer_${notice.why}`, { who });
  const lasting = notice.why === "expired" || notice.why === "failed";
  if (lasting) {
    missed.value = text;
    play("fall");
    announce(text, true);
    return;
  }
  const fold = { text, late: notice.why === "taken" };
  folded.value = fold;
  announce(text);
  setTimeout(() => {
    if (folded.value === fold) folded.value = null;
  }, FOLDED_MS);
}

/** Whether a contact of the desk was accepted here but the server has not said so yet. */
export function isAccepted(id: string): boolean {
  const offer = desk.value.get(id)?.offer;
  return offer ? accepted.value.has(offer.offer) : false;
}
