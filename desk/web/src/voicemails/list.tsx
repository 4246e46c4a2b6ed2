// Messages that callers left: an agent's own queues, and for those who lead all of them.

import { effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { announce } from "../lib/announce";
import { Refused, Unanswered } from "../lib/api";
import { now } from "../lib/clock";
import { clock, day, number, running, spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import { categoryName, may, queueName, reference, self } from "../lib/session";
import { type Verb, type Voicemail, type Which, readVoicemails, tellVoicemail, voicemailsChanged } from "../lib/voicemails";
import { problem } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/voicemail";
import { Button } from "../ui/button";
import { NoteText } from "../ui/note-text";
import { Segments } from "../ui/tabs";
import { StateChip } from "../ui/thread";
import { Player, callerOf } from "./player";
import { DeleteSheet, FinishSheet } from "./sheets";

const PAGE = 50;
const MOST = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Null until it was read. */
const messages = signal<readonly Voicemail[] | null>(null);
const more = signal(false);
const which = signal<Which>("open");
const queue = signal("");
const limit = signal(PAGE);
const trouble = signal("");
const asked = signal<{ readonly what: "finish" | "delete"; readonly of: Voicemail } | null>(null);
/** What this person changed stays in sight, wherever it belongs by now. */
const touched = new Map<string, Voicemail>();
let reading = 0;

async function read(): Promise<void> {
  const mine = ++reading;
  try {
    const page = await readVoicemails(which.peek(), queue.peek(), limit.peek());
    if (mine !== reading) return;
    const there = new Set(page.items.map((each) => each.id));
    const stays = which.peek() === "open" ? [...touched.values()].filter((each) => !there.has(each.id)) : [];
    messages.value = stays.length > 0 ? [...page.items, ...stays].sort((a, b) => a.at - b.at) : page.items;
    more.value = page.more;
    trouble.value = "";
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    trouble.value = say("away");
  }
}

function turnTo(change: () => void): void {
  change();
  touched.clear();
  limit.value = PAGE;
  messages.value = null;
  void read();
}

/** Do it; returns what went wrong, in words, or nothing. */
async function change(of: Voicemail, verb: Verb, body: unknown = {}): Promise<string> {
  try {
    const answer = await tellVoicemail<Voicemail>(of.id, verb, body);
    if (verb === "delete") touched.delete(of.id);
    else if (verb !== "call-back") {
      touched.set(of.id, answer);
      messages.value = (messages.peek() ?? []).map((each) => (each.id === of.id ? answer : each));
    }
    if (verb === "call-back") announce(say("calling"));
    trouble.value = "";
    await read();
    return "";
  } catch (error) {
    await read();
    return problem(error);
  }
}

async function press(of: Voicemail, verb: Verb): Promise<void> {
  trouble.value = await change(of, verb);
}

export interface VoicemailListProps {
  /** Why the caller cannot be called from here now; undefined where one never calls from. */
  readonly hindrance?: (() => string | null) | undefined;
  readonly children?: ComponentChildren;
}

export function VoicemailList(props: VoicemailListProps) {
  useEffect(() => {
    // Read now, and again whenever the stream says that one of them changed.
    const end = effect(() => {
      void voicemailsChanged.value;
      void read();
    });
    return () => {
      end();
      touched.clear();
    };
  }, []);
  const list = messages.value;
  const open = which.value === "open";
  return (
    <section class="cases" aria-labelledby="voicemail-title" data-pane tabIndex={-1}>
      <header class="row">
        <h1 id="voicemail-title" data-voicemail-heading tabIndex={-1}>{say("voicemail")}</h1>
        <Segments
          label={say("which")} chosen={which.value} onChoose={(chosen: Which) => turnTo(() => { which.value = chosen; })}
          options={[{ id: "open", label: say("which_open") }, { id: "done", label: say("which_done") }]}
        />
        {may("listen") && <QueueChoice />}
        <span class="grow" />
        {props.children}
      </header>
      {trouble.value && (
        <div class="row" role="alert">
          <p class="over grow">{trouble.value}</p>
          <Button size="small" icon="refresh" onPress={read}>{common("retry")}</Button>
        </div>
      )}
      {list === null && !trouble.value && <p class="muted">{say("loading")}</p>}
      {list?.length === 0 && <p>{say(open ? "empty" : "empty_done")} {open && <span class="muted">{say("hint")}</span>}</p>}
      {list !== null && list.length > 0 && <Table list={list} {...props} />}
      {more.value && limit.value < MOST && (
        <Button size="small" onPress={() => { limit.value = Math.min(MOST, limit.peek() + PAGE); return read(); }}>{say("more")}</Button>
      )}
      {asked.value?.what === "finish" && <FinishSheet of={asked.value.of} onClose={close} onDo={doing("done")} />}
      {asked.value?.what === "delete" && <DeleteSheet of={asked.value.of} onClose={close} onDo={doing("delete")} />}
    </section>
  );
}

function close(): void {
  asked.value = null;
}

function doing(verb: Verb): (body: unknown) => Promise<string> {
  return (body) => (asked.peek() === null ? Promise.resolve("") : change((asked.peek() as { of: Voicemail }).of, verb, body));
}

function QueueChoice() {
  return (
    <select
      class="input" aria-label={say("queue")} value={queue.value}
      onChange={(event) => { const chosen = event.currentTarget.value; turnTo(() => { queue.value = chosen; }); }}
    >
      <option value="">{say("all_queues")}</option>
      {(reference.value?.queues ?? []).map((each) => <option key={each.id} value={each.id}>{labelled(each.name, each.id)}</option>)}
    </select>
  );
}

interface TableProps extends VoicemailListProps {
  readonly list: readonly Voicemail[];
}

function Table({ list, ...props }: TableProps) {
  return (
    <table class="table" aria-label={say("voicemail")}>
      <thead>
        <tr>
          <th scope="col">{say("left")}</th>
          <th scope="col">{say("caller")}</th>
          <th scope="col">{say("message")}</th>
          <th scope="col">{say("state")}</th>
          <th scope="col">{say("actions")}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((each) => (
          <tr key={each.id} class={each.state === "done" ? "finished" : ""} data-voicemail={each.id}>
            <td><Left of={each} /></td>
            <td>
              <b><bdi>{callerOf(each)}</bdi></b>
              <p class="small muted">{queueName(each.queue)} · {running(each.length_ms)}</p>
            </td>
            <td><Player of={each} /></td>
            <td><State of={each} /></td>
            <td><Actions of={each} {...props} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** When it was left, how long ago, and whether the caller should have been called by now. */
function Left({ of }: { readonly of: Voicemail }) {
  const age = Math.max(0, now.value - of.at);
  const today = day(of.at) === day(now.value);
  return (
    <div class="due-of">
      <span>{today ? "" : `${day(of.at)} `}{clock(of.at)}</span>
      {of.state !== "done" && <span class="small muted">{ago(age)}</span>}
      {of.state !== "done" && (of.due_at < now.value
        ? <StateChip state="over" icon="alert-triangle">{say("late")}</StateChip>
        : <span class="small muted">{say("due", { time: `${day(of.due_at) === day(now.value) ? "" : `${day(of.due_at)} `}${clock(of.due_at)}` })}</span>)}
    </div>
  );
}

function ago(ms: number): string {
  if (ms < MINUTE_MS) return say("just_now");
  if (ms < 2 * DAY_MS) return say("ago", { time: spoken(ms - (ms % MINUTE_MS)) });
  return say("days_ago", { count: number(Math.floor(ms / DAY_MS)) });
}

function State({ of }: { readonly of: Voicemail }) {
  if (of.state === "done") {
    return (
      <>
        <StateChip state="good" icon="check"><bdi>{say("done_by", { time: of.done_at === null ? "–" : clock(of.done_at), who: of.done_by ?? "–" })}</bdi></StateChip>
        {of.category && <p><b>{categoryName(of.category)}</b></p>}
        <NoteText text={of.note} />
      </>
    );
  }
  const mine = of.agent !== null && of.agent === self.value?.agent;
  return (
    <>
      {of.state === "taken" ? (
        <StateChip state={mine ? "talking" : "away"} icon="user"><bdi>{mine ? say("taken_mine") : say("taken_by", { agent: of.agent_name ?? of.agent ?? "" })}</bdi></StateChip>
      ) : <StateChip state="near" icon="record-mail">{say("new")}</StateChip>}
      {of.called_at !== null && <p class="small muted">{say("called", { time: clock(of.called_at) })}</p>}
    </>
  );
}

function Actions({ of, hindrance }: VoicemailListProps & { readonly of: Voicemail }) {
  const mine = of.state === "taken" && of.agent === self.value?.agent;
  const free = of.state === "new" || of.state === "missing";
  const leads = may("lead");
  const call = async (): Promise<void> => {
    trouble.value = await change(of, "call-back");
  };
  return (
    <span class="row wrap">
      {hindrance && (mine || free) && of.caller !== null && (
        <Button size="small" kind="primary" icon="phone-outgoing" reason={hindrance()} onPress={call}>{say("call_back")}</Button>
      )}
      {free && self.value?.agent && <Button size="small" icon="user-plus" onPress={() => press(of, "take")}>{say("take")}</Button>}
      {(mine || (leads && of.state !== "done")) && (
        <Button size="small" icon="check" popup="dialog" onPress={() => { asked.value = { what: "finish", of }; }}>{say("finish")}</Button>
      )}
      {(mine || (leads && of.state === "taken")) && (
        <Button size="small" kind="quiet" icon="arrow-back-up" onPress={() => press(of, "put-back")}>{say("put_back")}</Button>
      )}
      {may("rule") && (
        <Button size="small" kind="quiet" icon="trash" popup="dialog" onPress={() => { asked.value = { what: "delete", of }; }}>{say("delete")}</Button>
      )}
    </span>
  );
}
