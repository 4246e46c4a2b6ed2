// What is said and sounded when something changes by itself: connected, on hold too long, wrap-up, colleague answered.
// Nothing here moves the focus.

import { effect } from "@preact/signals";
import { announce } from "../lib/announce";
import { now } from "../lib/clock";
import { aloud } from "../lib/format";
import type { Contact } from "../lib/model";
import { play } from "../lib/sounds";
import { me, work } from "../lib/views";
import { reasonName } from "../lib/session";
import { say } from "../text/desk";
import { colleagueName, contactName, isSpoken, isThere, partyOf } from "./contact";

const MINUTE_MS = 60_000;
const LAST_MS = 10_000;

interface Before {
  readonly phase: Contact["phase"];
  readonly consult: string | null;
  readonly colleague: boolean;
  readonly who: string;
}

export function watchMoments(): void {
  let before = new Map<string, Before>();
  effect(() => {
    const after = new Map<string, Before>();
    for (const contact of work.value) {
      const state = stateOf(contact);
      after.set(contact.id, state);
      const was = before.get(contact.id);
      if (was) compare(contact, was, state);
    }
    for (const [id, was] of before) {
      if (!after.has(id) && was.phase !== "offered" && was.phase !== "wrapping") announce(say("call_ended"));
    }
    before = after;
  });
  watchTimes();
  watchPresence();
}

function stateOf(contact: Contact): Before {
  const colleague = partyOf(contact, "colleague") ?? partyOf(contact, "outside");
  return {
    phase: contact.phase, consult: contact.call?.consult ?? null,
    colleague: isThere(colleague), who: colleagueName(colleague?.agent),
  };
}

function compare(contact: Contact, was: Before, is: Before): void {
  if (was.phase !== "talking" && was.phase !== "held" && is.phase === "talking") {
    if (isSpoken(contact)) play("connect");
    announce(say("talking_with", { who: contactName(contact) }));
  }
  if (was.phase !== "wrapping" && is.phase === "wrapping") announce(say("wrap_announce"));
  if (is.consult && !was.colleague && is.colleague) {
    play("tick");
    announce(say("consult_answered", { who: is.who }));
  }
  if (was.consult && !is.consult && !was.colleague && is.phase !== "wrapping") {
    play("fall");
    announce(say("consult_gone", { who: was.who }));
  }
}

/** A minute on hold, and the end of a wrap-up, each said once. */
function watchTimes(): void {
  const said = new Set<string>();
  const once = (key: string): boolean => !said.has(key) && Boolean(said.add(key));
  effect(() => {
    const at = now.value;
    for (const contact of work.peek()) {
      const minutes = Math.floor((at - contact.since) / MINUTE_MS);
      if (contact.phase === "held" && minutes >= 1 && once(`${contact.id}-${contact.since}-${minutes}`)) {
        play("tick");
        if (minutes <= 2) announce(say("held_announce", { time: aloud(minutes * MINUTE_MS) }));
      }
      const rest = (contact.until ?? Infinity) - at;
      if (contact.phase === "wrapping" && rest <= LAST_MS && once(`${contact.id}-${contact.until}`)) {
        announce(say("wrap_ten"));
      }
    }
  });
}

function watchPresence(): void {
  let before: string | null = null;
  effect(() => {
    const agent = me.value;
    if (!agent) return;
    const state = agent.ready ? "ready" : `away ${agent.reason ?? ""}`;
    if (before !== null && state !== before) {
      announce(agent.ready ? say("now_ready") : say("now_not_ready", { reason: reasonName(agent.reason) || "–" }));
    }
    before = state;
  });
}
