// Appointments for video calls at the desk: by which a visitor came, and making one.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../styles/appointment.css";
import { Refused, ask, tell } from "../lib/api";
import { clock, day, fullDay } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Contact, Label } from "../lib/model";
import { may } from "../lib/session";
import { problem } from "../lib/words";
import { say } from "../text/appointments";
import { say as common } from "../text/common";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { sheet } from "./place";

/** Indonesia's west keeps one time all year. */
const WIB = "+07:00";
const COMING = new Set(["early", "open", "running"]);

interface Appointment {
  readonly id: string;
  readonly link: string;
  readonly validity: "early" | "open" | "running" | "late" | "used" | "cancelled";
  readonly topic: string;
  readonly begins_at: number;
  readonly name: string;
  readonly note: string;
}

interface Topic {
  readonly id: string;
  readonly name: Label;
}

/** "Janji temu 10.00 WIB", for whoever came by one. */
export function appointmentMark(contact: Contact): string | null {
  return contact.appointment_at ? say("mark", { time: `${clock(contact.appointment_at)} ${common("zone")}` }) : null;
}

/** When it was agreed that this visitor comes, and what was noted. */
export function AppointmentFact({ contact }: { readonly contact: Contact }) {
  const note = useSignal("");
  const at = contact.appointment_at ?? null;
  useEffect(() => {
    note.value = "";
    if (at === null) return;
    // Without the note the desk does as well; it is asked for again with the next contact.
    ask<Appointment>(`/interactions/${contact.id}/appointment`).then((found) => { note.value = found.note; }, () => undefined);
  }, [contact.id, at]);
  if (at === null) return null;
  return (
    <>
      <dt>{say("appointment")}</dt><dd>{clock(at)} {common("zone")}</dd>
      {note.value && (<><dt>{say("note")}</dt><dd class="appointment-note"><bdi>{note.value}</bdi></dd></>)}
    </>
  );
}

/** Opens the sheet; for whoever may. */
export function appointmentCommands() {
  if (!may("invite")) return [];
  const hint = <Icon name="calendar-event" />;
  return [{ id: "appointment", label: say("make"), also: "janji temu appointment video", group: common("more"), hint, run: () => { sheet.value = "appointment"; } }];
}

export function AppointmentSheet({ contact, onClose }: { readonly contact: Contact | null; readonly onClose: () => void }) {
  const topics = useSignal<readonly Topic[] | null>(null);
  const mine = useSignal<readonly Appointment[]>([]);
  const made = useSignal<Appointment | null>(null);
  const wrong = useSignal<string | null>(null);
  const load = async (): Promise<void> => {
    mine.value = (await ask<readonly Appointment[]>("/appointments")).filter((each) => COMING.has(each.validity));
  };
  useEffect(() => {
    ask<{ readonly topics: readonly Topic[] }>("/public/video").then(
      (found) => { topics.value = found.topics; },
      (error) => { wrong.value = error instanceof Refused ? say("no_video") : problem(error); },
    );
    void load().catch(() => undefined);
  }, []);
  const cancel = async (id: string): Promise<void> => {
    try {
      await tell(`/appointments/${id}/cancel`);
      if (made.value?.id === id) made.value = null;
    } catch (error) {
      wrong.value = problem(error);
    }
    await load();
  };
  return (
    <Sheet title={say("make")} onClose={onClose}>
      {made.value ? <Made it={made.value} /> : topics.value && (
        <Form
          topics={topics.value} name={contact?.channel === "video" ? contact.caller ?? "" : ""}
          onMade={(it) => { wrong.value = null; made.value = it; void load().catch(() => undefined); }}
          onWrong={(text) => { wrong.value = text; }}
        />
      )}
      {wrong.value && <p class="appointment-wrong" role="alert"><Icon name="alert-triangle" />{wrong.value}</p>}
      {mine.value.length > 0 && <Coming all={mine.value} topics={topics.value ?? []} onCancel={cancel} />}
    </Sheet>
  );
}

interface FormProps {
  readonly topics: readonly Topic[];
  readonly name: string;
  readonly onMade: (it: Appointment) => void;
  readonly onWrong: (text: string) => void;
}

function Form({ topics, name, onMade, onWrong }: FormProps) {
  const topic = useSignal("");
  const at = useSignal("");
  const who = useSignal(name);
  const note = useSignal("");
  const make = async (): Promise<void> => {
    const begins = Date.parse(`${at.value}:00${WIB}`);
    if (!topic.value || Number.isNaN(begins)) {
      onWrong(say("missing"));
      return;
    }
    try {
      onMade(await tell<Appointment>("/appointments", { topic: topic.value, begins_at: begins, name: who.value.trim(), note: note.value.trim() }));
    } catch (error) {
      onWrong(error instanceof Refused && error.key === "begins_at" ? say("wrong_time") : problem(error));
    }
  };
  return (
    <form class="stack" onSubmit={(event) => { event.preventDefault(); void make(); }}>
      <label class="field">
        <span class="label">{say("topic")}</span>
        <select class="input" data-first="" value={topic.value} onChange={(event) => { topic.value = event.currentTarget.value; }}>
          <option value="" />
          {topics.map((each) => <option key={each.id} value={each.id}>{labelled(each.name, each.id)}</option>)}
        </select>
      </label>
      <label class="field">
        <span class="label">{say("at")}</span>
        <input class="input" type="datetime-local" value={at.value} onInput={(event) => { at.value = event.currentTarget.value; }} />
      </label>
      <label class="field">
        <span class="label">{say("name")}</span>
        <input class="input" maxLength={80} value={who.value} onInput={(event) => { who.value = event.currentTarget.value; }} />
      </label>
      <label class="field">
        <span class="label">{say("note_field")}</span>
        <input class="input" maxLength={500} value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} />
        <span class="hint">{say("note_hint")}</span>
      </label>
      <Button kind="primary" wide submit>{say("do")}</Button>
    </form>
  );
}

function Made({ it }: { readonly it: Appointment }) {
  const copied = useSignal(false);
  return (
    <div class="stack" role="status">
      <p><b>{say("made", { day: fullDay(it.begins_at), time: clock(it.begins_at) })}</b></p>
      <label class="field">
        <span class="label">{say("link")}</span>
        <input class="input" readonly value={it.link} onFocus={(event) => event.currentTarget.select()} />
        <span class="hint">{say("link_hint")}</span>
      </label>
      <Button
        kind="primary" icon={copied.value ? "check" : "copy"} wide
        onPress={async () => { await navigator.clipboard.writeText(it.link); copied.value = true; }}
      >
        {say(copied.value ? "copied" : "copy")}
      </Button>
    </div>
  );
}

interface ComingProps {
  readonly all: readonly Appointment[];
  readonly topics: readonly Topic[];
  readonly onCancel: (id: string) => Promise<void>;
}

function Coming({ all, topics, onCancel }: ComingProps) {
  const when = (it: Appointment): string => `${day(it.begins_at)} ${clock(it.begins_at)}`;
  const topicName = (it: Appointment): string => labelled(topics.find((each) => each.id === it.topic)?.name, it.topic);
  return (
    <section class="appointments">
      <h3 class="label">{say("coming")}</h3>
      <ul>
        {all.map((it) => (
          <li key={it.id} class="row">
            <span class="grow"><b>{when(it)}</b> <bdi>{it.name}</bdi> <small class="muted">{topicName(it)} · {say(it.validity)}</small></span>
            {it.validity !== "running" && (
              <Button size="small" kind="quiet" name={say("cancel_named", { when: when(it) })} onPress={() => onCancel(it.id)} icon="x" />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
