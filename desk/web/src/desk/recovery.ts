// A page that was reloaded in a call, or that took the desk from another tab, has no sound any more: the browser's leg
// died with the page; or the network was gone for so long that its way is dead. The customer is still there, at the
// server, which rings this telephone again when asked.

import { effect, signal, untracked } from "@preact/signals";
import { tell } from "../lib/api";
import { keep, kept } from "../lib/keep";
import type { Contact } from "../lib/model";
import { desk, known, work } from "../lib/views";
import * as phone from "../phone/phone";
import { isSpoken } from "./contact";
import { attempt, browserPhoneUp } from "./doing";
import { link } from "./link";

const RING_MS = 15_000;
const ASIDE_MS = 10_000;
/** The sound comes back by itself within so long after the network, or not at all. Longer than a connection may be silent
 * before it counts as lost: the sound is missed first. */
const BY_ITSELF_MS = 8_000;

/** The contact whose sound is being brought back, or was lost. */
export const recovering = signal<{ readonly id: string; readonly failed: boolean } | null>(null);

/** The contact that the agent speaks in, if any. */
export function speaking(): Contact | null {
  const live = new Set(["connecting", "talking", "held"]);
  return work.value.find((contact) => isSpoken(contact) && live.has(contact.phase)) ?? null;
}

/** Have the caller put aside with music, and taken back by this telephone, which answers by itself. */
export async function rejoin(id: string): Promise<void> {
  recovering.value = { id, failed: false };
  phone.expect(RING_MS);
  // If this page dies as well, the caller comes back to this agent after the shortest time, and then to all.
  if (!(await attempt(id, () => tell(`/interactions/${id}/park`, { ms: ASIDE_MS })))) fail(id);
}

function fail(id: string): void {
  phone.expectNothing();
  recovering.value = { id, failed: true };
}

async function takeBack(id: string): Promise<void> {
  phone.expect(RING_MS);
  if (!(await attempt(id, () => tell(`/interactions/${id}/retrieve`)))) fail(id);
}

/** What this browser spoke in last, over a reload: the call is shown before the server has said anything. */
export function spokenBefore(): string | null {
  return kept<string | null>("local", "speaking", null);
}

/** A way that is still cut though server and line are there again is dead, whatever the browser hopes for. */
function watchWay(): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const there = link.state.value.is === "up" && phone.line.value === "ready" && browserPhoneUp();
    const hopeless = phone.severed.value && there;
    clearTimeout(waiting);
    waiting = hopeless ? setTimeout(() => { phone.dead.value = phone.severed.peek(); }, BY_ITSELF_MS) : undefined;
  });
}

/** Remember which contact is spoken in here, and bring its sound back when the page has lost it. */
export function watchCall(): void {
  watchWay();
  let asked: string | null = null;
  let taken: string | null = null;
  effect(() => {
    const contact = speaking();
    if (phone.call.value === "up" && contact && !phone.dead.value) {
      asked = taken = null;
      recovering.value = null;
      keep("local", "speaking", contact.id);
      return;
    }
    if (!known.value) return;
    const again = recovering.value;
    const aside = again && !again.failed ? desk.value.get(again.id) : undefined;
    if (aside?.phase === "parked") {
      if (taken !== aside.id) {
        taken = aside.id;
        void untracked(() => takeBack(aside.id));
      }
    } else if (contact) {
      const silent = phone.call.value === null || (phone.dead.value && link.state.value.is === "up");
      const lost = contact.phase !== "connecting" && phone.line.value === "ready" && silent;
      if (lost && spokenBefore() === contact.id && asked !== contact.id) {
        asked = contact.id;
        void untracked(() => rejoin(contact.id));
      }
    } else if (again && !desk.value.has(again.id)) {
      recovering.value = null;
      keep("local", "speaking", null);
    } else if (!again) {
      keep("local", "speaking", null);
    }
  });
}
