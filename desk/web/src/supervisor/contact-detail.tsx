import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { ask, tell } from "../lib/api";
import { clock, moment, number } from "../lib/format";
import { now } from "../lib/clock";
import { labelled } from "../lib/i18n";
import type { Contact, Party } from "../lib/model";
import { languageName, may, queueName, reference, self } from "../lib/session";
import { CHANNEL_ICON } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { StateChip } from "../ui/thread";
import { Timer } from "../ui/timer";
import { Room } from "../video/room";
import { Act, Hindered, Outcome } from "./act";
import { lasts, placeOf } from "./contact-table";
import type { Decision } from "./decisions";
import { Listening, watched } from "./listening";
import { Facts, PaneHead } from "./pane-parts";
import { callerName, contactState } from "./shown";
import { agentName, room, select, sheet } from "./state";

/** How often the reason for a wait is asked for anew. */
const AGAIN_MS = 15_000;

export function ContactDetail({ id }: { readonly id: string }) {
  const contact = room.value.contacts.get(id);
  const last = useRef<Contact | undefined>(contact);
  if (contact) last.current = contact;
  const shown = contact ?? last.current;
  if (!contact) {
    return (
      <PaneHead title={shown ? callerName(shown) : say("contact")}>
        <p class="muted">{room.value.known ? say("contact_over") : say("loading")}</p>
        {[`end:${id}`, `monitor:${id}`, `move:${id}`].map((about) => <Outcome key={about} about={about} />)}
        <p><a href={`/keputusan/${id}`}>{say("why_all")}</a></p>
      </PaneHead>
    );
  }
  const state = contactState(contact);
  return (
    <PaneHead title={callerName(contact)}>
      <div class="row wrap">
        <StateChip icon={CHANNEL_ICON[contact.channel]}>{common(contact.channel)}</StateChip>
        <StateChip state={state.state} icon={state.icon}>{state.word}</StateChip>
        <Timer since={lasts(contact)} />
        {contact.call?.recording === "on" && <StateChip state="recorded" icon="player-record">{say("recorded")}</StateChip>}
      </div>
      {watched.value === id && <Room id={id} me={self.value?.title ?? ""} listen />}
      {contact.agent && contact.phase !== "offered" && may("listen") && <Listening contact={contact} />}
      <Facts facts={facts(contact)} />
      {may("review") && <Why contact={contact} />}
      {contact.phase === "waiting" && may("lead") && <Waiting contact={contact} />}
      {may("rule") && (
        <div class="row">
          <Button size="small" popup="dialog" onPress={() => { sheet.value = "end"; }}>{say("end_stuck")}</Button>
        </div>
      )}
      <Outcome about={`end:${id}`} />
    </PaneHead>
  );
}

function facts(contact: Contact): readonly (readonly [string, preact.ComponentChildren])[] {
  const found: (readonly [string, preact.ComponentChildren])[] = [[say("arrived"), moment(contact.arrived_at, now.peek())]];
  const place = placeOf(contact);
  if (place !== null) found.push([say("place"), <b>{number(place)}</b>]);
  if (contact.queue) found.push([say("queue"), <button type="button" class="link-like" onClick={() => select("queue", contact.queue ?? "")}>{queueName(contact.queue)}</button>]);
  if (contact.agent) found.push([say("agent"), <button type="button" class="link-like" onClick={() => select("agent", contact.agent ?? "")}><bdi>{agentName(contact.agent)}</bdi></button>]);
  if (contact.priority !== 0) found.push([say("priority"), number(contact.priority)]);
  if (contact.language) found.push([say("language"), languageName(contact.language)]);
  const needs = Object.entries(contact.needs ?? {});
  if (needs.length > 0) found.push([say("needs"), needs.map(([skill, level]) => say("need", { skill: skillName(skill), level })).join(", ")]);
  if (contact.menu && contact.phase === "in_menu") found.push([say("menu"), menuNode(contact.menu)]);
  const parties = contact.call?.parties ?? [];
  if (parties.length > 0) found.push([say("people"), parties.map(partyWord).join(", ")]);
  return found;
}

const skillName = (id: string): string => labelled(reference.value?.skills.find((skill) => skill.id === id)?.name, id);

/** The menu's own bookmark names the node; a place that is said in words is shown as it is. */
function menuNode(place: string): string {
  try {
    const { node } = JSON.parse(place) as { readonly node?: unknown };
    return typeof node === "string" ? node : "–";
  } catch {
    return place;
  }
}

function partyWord(party: Party): string {
  const name = party.agent ? agentName(party.agent) : say(party.who === "agent" ? "agent" : party.who);
  return party.joined === false ? `${name} (${say("rung")})` : name;
}

/** Why it went where it is: the newest receipt. It is asked for again when the contact moves on. */
function Why({ contact }: { readonly contact: Contact }) {
  const found = useSignal<readonly Decision[] | null>(null);
  const asked = useSignal(0);
  const waits = contact.phase === "waiting";
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setInterval(() => { asked.value += 1; }, AGAIN_MS);
    return () => clearInterval(timer);
  }, [waits]);
  useEffect(() => {
    let gone = false;
    ask<readonly Decision[]>(`/interactions/${contact.id}/decisions`).then(
      (decisions) => { if (!gone) found.value = decisions; },
      () => undefined,
    );
    return () => { gone = true; };
  }, [contact.id, contact.phase, contact.queue, contact.agent, asked.value]);
  const newest = found.value?.at(-1);
  return (
    <section class="why" aria-label={say("why")}>
      <div class="row"><Icon name="receipt" /><h3 class="grow">{newest ? labelled(newest.question) : say("why")}</h3></div>
      {newest && <div class="small muted">{clock(newest.at)} {common("zone")}</div>}
      <p class="say">{newest ? labelled(newest.answer) : found.value ? say("why_none") : "–"}</p>
      <div class="row">
        <a class="grow" href={`/keputusan/${contact.id}`}>{say("why_all")}</a>
        {waits && <Button size="small" kind="quiet" icon="refresh" onPress={() => { asked.value += 1; }}>{say("refresh")}</Button>}
      </div>
    </section>
  );
}

function Waiting({ contact }: { readonly contact: Contact }) {
  const others = (reference.value?.queues ?? []).filter((queue) => queue.id !== contact.queue);
  const to = useSignal("");
  const points = useSignal(String(contact.priority));
  const fields = [useId(), useId()] as const;
  const target = others.some((queue) => queue.id === to.value) ? to.value : others[0]?.id ?? "";
  const prioritise = (reason: string): Promise<unknown> => {
    const priority = Number(points.value);
    if (!Number.isInteger(priority) || Math.abs(priority) > 60) throw new Hindered(say("points"));
    return tell(`/interactions/${contact.id}/priority`, { priority, reason });
  };
  return (
    <>
      <Act
        about={`move:${contact.id}`} title={say("move")} verb={say("move")} done={say("move_done", { queue: queueName(target) })}
        hint={say("move_hint")} run={(reason) => tell(`/interactions/${contact.id}/move`, { queue: target, reason })}
      >
        <div class="field">
          <label for={fields[0]}>{say("move_to")}</label>
          <select id={fields[0]} class="input" value={target} onChange={(event) => { to.value = event.currentTarget.value; }}>
            {others.map((queue) => <option key={queue.id} value={queue.id}>{labelled(queue.name, queue.id)}</option>)}
          </select>
        </div>
      </Act>
      <Act
        about={`priority:${contact.id}`} title={say("change_priority")} verb={say("change_priority")}
        done={say("priority_done", { points: points.value })} hint={say("priority_hint")} run={async (reason) => prioritise(reason)}
      >
        <div class="field">
          <label for={fields[1]}>{say("points")}</label>
          <input
            id={fields[1]} class="input" type="number" min={-60} max={60} step={1} value={points.value}
            onInput={(event) => { points.value = event.currentTarget.value; }}
          />
        </div>
      </Act>
    </>
  );
}
