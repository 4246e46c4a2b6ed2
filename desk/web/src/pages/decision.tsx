import { signal } from "@preact/signals";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/supervisor.css";

import { Refused, ask } from "../lib/api";
import { now } from "../lib/clock";
import { clock, fullDay, moment, number, spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Agent } from "../lib/model";
import { match, path } from "../lib/router";
import { enter, may, queueName } from "../lib/session";
import { CHANNEL_ICON, problem } from "../lib/words";
import type { Decision, History, Segment, Summary, Transition, Verdict } from "../supervisor/decisions";
import { callerName, contactState } from "../supervisor/shown";
import { Top } from "../supervisor/top";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { type Column, DataTable } from "../ui/table";
import { StateChip, Thread } from "../ui/thread";
import { open } from "./page";

const ENTRIES = 30;

const failure = signal<string | null>(null);
const history = signal<History | null>(null);
const decisions = signal<readonly Decision[]>([]);
const recent = signal<readonly Summary[] | null>(null);
const names = signal<ReadonlyMap<string, string>>(new Map());

const agentName = (id: string | null): string => (id && names.value.get(id)) || id || "–";

function Page() {
  if (failure.value) {
    return (
      <main id="main" class="alone" tabIndex={-1}>
        <Brand /><h1>{failure.value}</h1>
        <div class="row">
          <Button kind="primary" onPress={() => location.reload()}>{common("retry")}</Button>
          <a class="button" href="/keputusan">{say("decision_recent")}</a>
        </div>
      </main>
    );
  }
  return (
    <div class="decision">
      <Top here="decisions" />
      <main id="main" tabIndex={-1}>
        <div class="sheet-like">
          {history.value ? <One history={history.value} /> : recent.value ? <Recent rows={recent.value} /> : <p class="muted">{say("loading")}</p>}
        </div>
      </main>
    </div>
  );
}

// --- one contact -----------------------------------------------------------------------------------------------

function One({ history: { interaction, transitions, segments } }: { readonly history: History }) {
  const state = contactState({ phase: interaction.phase, kind: interaction.kind, call: null });
  return (
    <>
      <div>
        <h1>{say("decision_title")}</h1>
        <div class="row wrap">
          <StateChip icon={CHANNEL_ICON[interaction.channel]}>{common(interaction.channel)}</StateChip>
          <StateChip state={state.state} icon={state.icon}>{state.word}</StateChip>
          <span class="muted"><bdi>{callerName({ caller: masked(interaction.caller) })}</bdi> · {fullDay(interaction.arrived_at)}, {clock(interaction.arrived_at)} {common("zone")}</span>
          <span class="grow" />
          {interaction.phase !== "closed" && may("contacts") && <a class="button small" href={`/pantau/kontak/${interaction.id}`}>{say("watch")}</a>}
          <Button size="small" icon="refresh" onPress={load}>{say("refresh")}</Button>
        </div>
      </div>
      {decisions.value.length === 0 && <p class="receipt">{say("decision_none")}</p>}
      {[...decisions.value].reverse().map((decision) => <Receipt key={`${decision.seq} ${decision.at}`} decision={decision} />)}
      <h2>{say("timeline")}</h2>
      <p class="small muted">{say("timeline_hint")}</p>
      <div class="box"><DataTable label={say("timeline")} columns={happened()} rows={transitions} rowKey={(move) => String(move.seq)} /></div>
      {segments.length > 0 && (
        <>
          <h2>{say("segments")}</h2>
          <div class="box"><DataTable label={say("segments")} columns={parts()} rows={segments} rowKey={(part) => String(part.seq)} /></div>
        </>
      )}
    </>
  );
}

/** The history has the address in full; a screen shows its ends only. */
function masked(address: string | null): string | null {
  if (!address) return null;
  if (!/^[+\d]{8,}$/.test(address)) return address.includes("@") ? `${address.slice(0, 1)}•••${address.slice(address.lastIndexOf("@"))}` : "••••";
  return address.length < 12 ? `${address.slice(0, 2)}••••${address.slice(-2)}` : `${address.slice(0, 4)}••••${address.slice(-4)}`;
}

function Receipt({ decision }: { readonly decision: Decision }) {
  return (
    <section class="receipt" aria-label={labelled(decision.question)}>
      <div class="row"><Icon name="receipt" /><h2 class="grow"><bdi>{labelled(decision.question)}</bdi></h2></div>
      <div class="small muted">
        {decision.seq !== null && `${say("receipt_number", { number: number(decision.seq) })} · `}{clock(decision.at)} {common("zone")}
      </div>
      <p class="say"><bdi>{labelled(decision.answer)}</bdi></p>
      {decision.candidates.length > 0 && (
        <>
          <h3 class="label">{say("candidates")}</h3>
          <Candidates all={decision.candidates} inAll={decision.candidates_in_all} />
        </>
      )}
    </section>
  );
}

/** Who could take it, by name; the others by why they could not, with their names where they are asked for. */
function Candidates({ all, inAll }: { readonly all: readonly Verdict[]; readonly inAll: number }) {
  const able = all.filter((each) => each.verdict === "eligible");
  const others = all.filter((each) => each.verdict !== "eligible");
  const whole = inAll <= all.length;
  const counts = new Map<string, number>();
  for (const each of others) counts.set(verdictWord(each.verdict), (counts.get(verdictWord(each.verdict)) ?? 0) + 1);
  const reasons = [...counts].map(([word, count]) => say("verdict_count", { count: number(count), why: word })).join(" · ");
  return (
    <>
      {!whole && <p class="small muted">{say("candidates_cut", { shown: number(all.length), all: number(inAll) })}</p>}
      <ol class="candidates">{able.map((each, place) => <Candidate key={each.agent} verdict={each} place={place + 1} />)}</ol>
      {others.length > 0 && (
        <details class="action">
          <summary><Icon name="chevron-right" />{say(whole ? "candidates_others" : "candidates_first", { count: number(others.length) })}<span class="muted">{reasons}</span></summary>
          <div class="body">
            <ol class="candidates">{others.map((each) => <Candidate key={each.agent} verdict={each} place={null} />)}</ol>
          </div>
        </details>
      )}
    </>
  );
}

function Candidate({ verdict, place }: { readonly verdict: Verdict; readonly place: number | null }) {
  return (
    <li class={verdict.verdict === "eligible" ? "win" : ""}>
      <span class="n">{place ?? "–"}</span><b><bdi>{verdict.name}</bdi></b><span>{verdictWord(verdict.verdict)}</span>
      <small>{say("candidate_load", { load: verdict.load })}</small>
    </li>
  );
}

const VERDICTS = [
  ["eligible", "verdict_eligible"], ["not in", "verdict_elsewhere"], ["lacks", "verdict_unskilled"], ["device", "verdict_unreachable"],
  ["excluded", "verdict_excluded"], ["signed out", "verdict_signed_out"], ["not ready", "verdict_not_ready"], ["no room", "verdict_full"],
  ["drains", "verdict_full"], ["the queue is paused", "verdict_paused"],
  ["kept for", "verdict_kept"], ["for another", "verdict_kept"],
] as const;

function verdictWord(verdict: string): string {
  const found = VERDICTS.find(([start]) => verdict.startsWith(start));
  return found ? say(found[1]) : verdict;
}

function happened(): readonly Column<Transition>[] {
  return [
    { id: "at", label: say("when"), heading: true, cell: (move) => exactly(move.at) },
    {
      id: "what", label: say("what"),
      cell: (move) => {
        const shown = contactState({ phase: move.phase, kind: "inbound", call: null });
        return <span class="row-name"><Thread state={shown.state} />{shown.word}</span>;
      },
    },
    { id: "cause", label: say("cause"), cell: (move) => <span class="muted">{causeWord(move.cause)}</span> },
    { id: "queue", label: say("queue"), cell: (move) => (move.queue ? queueName(move.queue) : "–") },
    { id: "agent", label: say("agent"), cell: (move) => <bdi>{agentName(move.agent)}</bdi> },
  ];
}

/** In words; a cause that has none is the journal's own word, which is stable. */
function causeWord(cause: string): string {
  const key = `cause_${cause}`;
  return key in say.texts.id ? say(key as keyof typeof say.texts.id) : cause.replaceAll("_", " ");
}

function exactly(at: number): string {
  const seconds = String(Math.floor(at / 1000) % 60).padStart(2, "0");
  const minute = clock(at);
  return `${minute}${minute[2]}${seconds}`;
}

function parts(): readonly Column<Segment>[] {
  const lasted = (id: "wait_ms" | "ring_ms" | "talk_ms" | "hold_ms" | "wrap_ms"): Column<Segment> => ({
    id, label: say(id), number: true, cell: (part) => (part[id] > 0 ? spoken(part[id]) : "–"),
  });
  return [
    { id: "queue", label: say("queue"), heading: true, cell: (part) => (part.queue ? queueName(part.queue) : "–") },
    { id: "agent", label: say("agent"), cell: (part) => <bdi>{agentName(part.agent)}</bdi> },
    lasted("wait_ms"), lasted("ring_ms"), lasted("talk_ms"), lasted("hold_ms"), lasted("wrap_ms"),
  ];
}

// --- the newest contacts ---------------------------------------------------------------------------------------

function Recent({ rows }: { readonly rows: readonly Summary[] }) {
  const columns: readonly Column<Summary>[] = [
    {
      id: "at", label: say("arrived"), heading: true,
      cell: ({ interaction }) => <a href={`/keputusan/${interaction.id}`}>{moment(interaction.arrived_at, now.peek())}</a>,
    },
    { id: "channel", label: say("channel"), cell: ({ interaction }) => common(interaction.channel) },
    {
      id: "state", label: say("state"),
      cell: ({ interaction }) => {
        const shown = contactState({ phase: interaction.phase, kind: interaction.kind, call: null });
        return <StateChip state={shown.state} icon={shown.icon}>{shown.word}</StateChip>;
      },
    },
    { id: "queue", label: say("queue"), cell: ({ interaction }) => (interaction.queue ? queueName(interaction.queue) : "–") },
    { id: "agent", label: say("agent"), cell: ({ interaction }) => <bdi>{agentName(interaction.agent)}</bdi> },
    { id: "wait", label: say("wait_ms"), number: true, cell: (row) => spoken(row.wait_ms) },
    { id: "offers", label: say("offered"), number: true, cell: (row) => number(row.offers) },
  ];
  return (
    <>
      <div><h1>{say("decision_recent")}</h1><p class="muted">{say("decision_recent_hint")}</p></div>
      <div class="box">
        <DataTable
          label={say("decision_recent")} columns={columns} rows={rows} rowKey={(row) => row.interaction.id} empty={say("no_contacts")}
          onSelect={(row) => { location.assign(`/keputusan/${row.interaction.id}`); }}
        />
      </div>
    </>
  );
}

async function load(): Promise<void> {
  const id = match("/keputusan/:id", path.value)?.["id"];
  try {
    if (id === undefined) {
      recent.value = await ask<readonly Summary[]>(`/interactions?limit=${ENTRIES}`);
      return;
    }
    const contact = encodeURIComponent(id);
    const [found, why] = await Promise.all([
      ask<History>(`/interactions/${contact}`), ask<readonly Decision[]>(`/interactions/${contact}/decisions`),
    ]);
    decisions.value = why;
    history.value = found;
  } catch (error) {
    const missing = error instanceof Refused && error.status === 404;
    failure.value = missing ? say("unknown_contact") : problem(error);
  }
}

async function start(): Promise<void> {
  open(Page);
  try {
    if ((await enter()) === null) return;
    if (may("watch")) names.value = new Map((await ask<readonly Agent[]>("/agents")).map((agent) => [agent.id, agent.name]));
  } catch (error) {
    failure.value = problem(error);
    return;
  }
  await load();
}

void start();
