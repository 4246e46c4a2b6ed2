// Being in somebody's call: listen, whisper (only while the key is held), barge. The server says in which way one is in
// it; the microphone here follows that, so nobody is heard by slip.

import { computed, effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask, tell } from "../lib/api";
import type { Contact, Party, PhoneAccount } from "../lib/model";
import { may, self } from "../lib/session";
import { agents, contacts } from "../lib/views";
import * as phone from "../phone/phone";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { leaveRoom } from "../video/room";
import { Hindered, Outcome, attempt } from "./act";
import { agentName, room, select } from "./state";

export type Mode = "listen" | "whisper" | "barge";

const RING_MS = 15_000;
const REGISTER_MS = 8_000;

/** Whether the key or button to whisper is held down now. */
export const pushed = signal(false);
/** The contact whose picture is watched. */
export const watched = signal<string | null>(null);
/** The contact that was taken over from here: its call goes on in this tab. */
export const taken = signal<string | null>(null);
/** The contact one is being connected to. */
const wanted = signal<string | null>(null);

const own = (contact: Contact): Party | undefined =>
  contact.call?.parties?.find((party) => party.who === "supervisor" && party.agent === self.value?.agent);

/** The call one is in, as the server has it. */
export const monitored = computed(() => {
  for (const contact of contacts.value.values()) {
    const party = own(contact);
    if (party) return { contact, mode: (party.mode || "listen") as Mode, joined: party.joined !== false };
  }
  return null;
});

export function hindrance(contact: Contact): string | null {
  if (contact.phase !== "talking" && contact.phase !== "held") return say("no_talk");
  return contact.channel === "voice" && !self.value?.agent ? say("no_phone") : null;
}

async function connected(): Promise<void> {
  if (phone.line.peek() === "ready") return;
  phone.startPhone(await ask<PhoneAccount>("/me/phone"));
  const until = Date.now() + REGISTER_MS;
  while (phone.line.peek() !== "ready") {
    if (Date.now() > until || phone.line.peek() === "refused") {
      phone.stopPhone();
      throw new Hindered(say("phone_lost"));
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

export function monitor(contact: Contact, mode: Mode): Promise<boolean> {
  return attempt(`monitor:${contact.id}`, say("monitor_done"), async () => {
    const before = monitored.peek();
    if (before && before.contact.id !== contact.id) await leave(before.contact);
    wanted.value = contact.id;
    try {
      await connected();
      if (phone.call.peek() === null) phone.expect(RING_MS);
      await tell(`/interactions/${contact.id}/monitor`, { mode });
    } finally {
      wanted.value = null;
    }
  });
}

async function leave(contact: Contact): Promise<void> {
  phone.expectNothing();
  await tell(`/interactions/${contact.id}/monitor`, { mode: null });
  phone.stopPhone();
}

export function stop(contact: Contact): Promise<boolean> {
  return attempt(`monitor:${contact.id}`, say("monitor_stopped"), () => leave(contact));
}

export function takeOver(contact: Contact): Promise<boolean> {
  return attempt(`monitor:${contact.id}`, say("took_over"), async () => {
    // The line gives a contact only to somebody at work; whoever leads need not be.
    const me = self.value?.agent;
    if (me && !agents.peek().get(me)?.signed_in) await tell("/me/shift-start");
    await tell(`/interactions/${contact.id}/take-over`);
    taken.value = contact.id;
  });
}

function space(event: KeyboardEvent): void {
  const field = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
  if (event.code !== "Space" || field || monitored.peek()?.mode !== "whisper" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  pushed.value = event.type === "keydown";
}

export function watchListening(): void {
  addEventListener("keydown", space, true);
  addEventListener("keyup", space, true);
  addEventListener("pointerup", () => { pushed.value = false; });
  addEventListener("pointercancel", () => { pushed.value = false; });
  addEventListener("blur", () => { pushed.value = false; });
  effect(() => {
    if (phone.call.value !== "up") return;
    const mode = monitored.value?.mode;
    const heard = mode === "barge" || (mode === "whisper" && pushed.value) || (!mode && taken.value !== null);
    phone.mute(!heard);
  });
  effect(() => {
    // The call that was taken over is done, or the watched one is.
    if (taken.value && !contacts.value.has(taken.value) && phone.call.value === null) {
      taken.value = null;
      phone.stopPhone();
    }
    if (watched.value && !contacts.value.has(watched.value)) unwatch();
  });
}

export function unwatch(): void {
  leaveRoom();
  watched.value = null;
}

const MODES: readonly Mode[] = ["listen", "whisper", "barge"];

/** One of the three ways, or none: the same control before and during the call. */
export function Modes({ contact }: { readonly contact: Contact }) {
  const now = monitored.value;
  const mode = now?.contact.id === contact.id ? now.mode : null;
  const hindered = mode ? null : hindrance(contact);
  return (
    <div class="segments monitor" role="group" aria-label={say("monitor")}>
      {MODES.filter((each) => each === "listen" || may("step_in")).map((each) => (
        <button
          key={each} type="button" aria-pressed={mode === each} aria-disabled={hindered ? true : undefined} title={hindered ?? undefined}
          onClick={() => { if (!hindered && mode !== each) void monitor(contact, each); }}
        >
          {each === "listen" && <Icon name="ear" />}{say(each)}
        </button>
      ))}
    </div>
  );
}

/** The permanent header of whoever is in a call: whom one hears, and who hears one. */
export function ListeningBar() {
  const now = monitored.value;
  const mine = taken.value ? room.value.contacts.get(taken.value) ?? null : null;
  useEffect(() => { if (!now) pushed.value = false; }, [now === null]);
  if (!now && mine) {
    return (
      <div class="strip news listening">
        <Icon name="phone" />
        <div class="grow"><b>{say("took_over")}</b></div>
        <Button size="small" onPress={() => { location.assign(`/meja/k/${mine.id}`); }}>{say("to_desk")}</Button>
        <Button size="small" kind="end" icon="phone-off" onPress={() => attempt(`monitor:${mine.id}`, say("hung_up"), () => tell(`/interactions/${mine.id}/hang-up`))}>
          {say("hang_up")}
        </Button>
      </div>
    );
  }
  if (!now) return wanted.value ? <Connecting id={wanted.value} /> : null;
  const { contact, mode, joined } = now;
  const values = { agent: agentName(contact.agent) };
  return (
    <div class={`strip listening ${mode === "barge" ? "warning" : "news"}`} data-mode={mode}>
      <Icon name="ear" />
      <button type="button" class="grow link-like" onClick={() => select("contact", contact.id)}>
        <bdi>{joined ? say(`monitor_${mode}`, values) : say("monitor_connecting", values)}</bdi>
      </button>
      <Modes contact={contact} />
      {mode === "whisper" && (
        <button
          type="button" class={`button small push ${pushed.value ? "pressed" : ""}`} aria-pressed={pushed.value}
          onPointerDown={() => { pushed.value = true; }}
        >
          <Icon name={pushed.value ? "microphone" : "microphone-off"} />{pushed.value ? say("pushed") : say("push")}<kbd aria-hidden="true">␣</kbd>
        </button>
      )}
      {may("step_in") && <Button size="small" onPress={() => takeOver(contact)}>{say("take_over")}</Button>}
      <Button size="small" kind="end" icon="x" onPress={() => stop(contact)}>{say("monitor_off")}</Button>
    </div>
  );
}

function Connecting({ id }: { readonly id: string }) {
  const contact = room.value.contacts.get(id);
  return (
    <div class="strip news listening">
      <Icon name="ear" />
      <div class="grow"><bdi>{say("monitor_connecting", { agent: agentName(contact?.agent) })}</bdi></div>
    </div>
  );
}

/** The part of a contact's details that is about hearing it. */
export function Listening({ contact }: { readonly contact: Contact }) {
  if (contact.channel === "video") {
    const on = watched.value === contact.id;
    const values = { agent: agentName(contact.agent) };
    return (
      <section class="stack tight" aria-label={say("monitor")}>
        {on && <p class="small"><bdi>{say("monitor_video", values)}</bdi></p>}
        <div class="row">
          <Button
            icon="ear" pressed={on} reason={on ? null : hindrance(contact)}
            onPress={() => { if (on) unwatch(); else watched.value = contact.id; }}
          >
            {on ? say("monitor_off") : say("listen")}
          </Button>
        </div>
      </section>
    );
  }
  if (contact.channel !== "voice") return null;
  const inside = monitored.value?.contact.id === contact.id;
  return (
    <section class="stack tight" aria-label={say("monitor")}>
      <div class="row wrap">
        <Modes contact={contact} />
        {may("step_in") && (
          <Button size="small" reason={inside ? null : say("take_over_hint")} onPress={() => takeOver(contact)}>{say("take_over")}</Button>
        )}
      </div>
      <p class="small muted">{hindrance(contact) ?? say("monitor_hint")}</p>
      <Outcome about={`monitor:${contact.id}`} />
    </section>
  );
}

