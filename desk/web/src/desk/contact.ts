// How a live contact is shown: its state, its name, its line.

import type { Contact, Party } from "../lib/model";
import { labelled } from "../lib/i18n";
import { languageName, queueName } from "../lib/session";
import { colleagues, me } from "../lib/views";
import { say as common } from "../text/common";
import { say } from "../text/desk";
import type { IconName } from "../ui/icons";
import type { ThreadState } from "../ui/thread";

export interface Shown {
  readonly state: ThreadState;
  readonly word: string;
  readonly icon: IconName;
}

export function colleagueName(id: string | null | undefined): string {
  if (id && id === me.value?.id) return me.value.name;
  return (id && colleagues.value.get(id)?.name) || id || say("colleague");
}

export function partyOf(contact: Contact, who: Party["who"]): Party | null {
  return contact.call?.parties?.find((party) => party.who === who) ?? null;
}

/** Whether the sound of a contact goes through a telephone: those are accepted by answering. */
export const isSpoken = (contact: Contact): boolean => contact.channel === "voice";

/** Whether the agent asks a colleague about it. On the colleague's desk the consultation is a contact of its own. */
export function isConsulting(contact: Contact): boolean {
  return Boolean(contact.call?.consult) && contact.kind !== "consult";
}

/** Whether somebody is in the call, and not only being rung. The server leaves out what is so. */
export function isThere(party: Party | null): boolean {
  return party !== null && party.joined !== false;
}

/** Whether an answering machine may have taken it: of telephone calls that we made only, once somebody has answered. */
export function mayBeMachine(contact: Contact): boolean {
  return isSpoken(contact) && /^(outbound|callback)$/.test(contact.kind) && contact.phase === "talking" && !isConsulting(contact);
}

export function shownState(contact: Contact): Shown {
  if (isConsulting(contact)) {
    const joined = isThere(partyOf(contact, "colleague") ?? partyOf(contact, "outside"));
    if (contact.call?.talking_to === "all") return { state: "talking", word: say("state_conference"), icon: "users" };
    return joined
      ? { state: "consulting", word: say("state_consulting"), icon: "users" }
      : { state: "ringing", word: say("state_ringing"), icon: "phone-outgoing" };
  }
  switch (contact.phase) {
    case "offered":
      return { state: "offered", word: say("state_offered"), icon: "phone-incoming" };
    case "connecting":
      return { state: "connecting", word: say("state_connecting"), icon: "refresh" };
    case "talking":
      return contact.kind === "consult"
        ? { state: "consulting", word: say("state_consulting"), icon: "users" }
        : { state: "talking", word: say("state_talking"), icon: isSpoken(contact) ? "phone" : "messages" };
    case "held":
      return { state: "held", word: say("state_held"), icon: "phone-pause" };
    case "wrapping":
      return { state: "wrapping", word: say("state_wrapping"), icon: "notes" };
    case "parked":
      return { state: "parked", word: say("state_parked"), icon: "player-pause" };
    default:
      return contact.kind === "outbound"
        ? { state: "ringing", word: say("state_ringing"), icon: "phone-outgoing" }
        : { state: "ringing", word: say("state_waiting"), icon: "arrow-forward-up" };
  }
}

/** Whom the agent deals with, as far as it is known. Never a guess. */
export function contactName(contact: Contact): string {
  if (contact.kind === "consult") return colleagueName(partyOf(contact, "agent")?.agent);
  return contact.caller ?? common("unknown_caller");
}

export function offerWhat(contact: Contact): string {
  if (contact.kind === "callback") return say("offer_callback");
  if (contact.kind === "consult") return say("offer_consult");
  if (contact.kind === "outbound") return say("offer_outbound");
  return say("offer_of", { channel: common(contact.channel) });
}

/** What it is about: what a visitor chose, or the queue that a caller chose in the menu; and the language. */
export function topic(contact: Contact): string | null {
  if (!contact.queue) return null;
  const values = { topic: labelled(contact.about ?? undefined, queueName(contact.queue)), language: languageName(contact.language) };
  return contact.language ? say("offer_topic_language", values) : say("offer_topic", values);
}

export function contactLine(contact: Contact): string {
  return contact.queue ? queueName(contact.queue) : common(contact.channel);
}
