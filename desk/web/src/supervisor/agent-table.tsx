import { signal } from "@preact/signals";
import { now } from "../lib/clock";
import type { Agent } from "../lib/model";
import { may } from "../lib/session";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import type { Column, Sort } from "../ui/table";
import { StateChip, Thread } from "../ui/thread";
import { Timer } from "../ui/timer";
import { attention, byAttention, helpers } from "./attention";
import { Filters } from "./filters";
import { hindrance, monitor, monitored } from "./listening";
import { agentState, callerName } from "./shown";
import { type AgentFilter, agentFilter, queueFilter, room, select, selection, workOf } from "./state";
import { SteadyTable } from "./steady-table";

export const ATTENTION: Sort = { column: "attention", down: false };
export const agentSort = signal<Sort>(ATTENTION);

const FILTERS: readonly AgentFilter[] = ["all", "attention", "talking", "held", "ready", "wrapping", "not_ready", "signed_out"];

function passes(agent: Agent, filter: AgentFilter, at: number): boolean {
  if (filter === "signed_out") return !agent.signed_in;
  if (!agent.signed_in) return false;
  if (filter === "all") return true;
  if (filter === "attention") return attention(agent, at).level > 0;
  return agent.state === filter || (filter === "talking" && agent.state === "offered");
}

function inQueue(): readonly Agent[] {
  const queue = queueFilter.value;
  return [...room.value.agents.values()].filter((agent) => queue === null || agent.queues.includes(queue));
}

export function agentCount(): number {
  return inQueue().filter((agent) => agent.signed_in).length;
}

export function AgentFilters() {
  const all = inQueue();
  const at = now.value;
  const queue = queueFilter.value;
  const options: { id: AgentFilter; count: number }[] = FILTERS.map((id) => ({
    id, count: all.filter((agent) => passes(agent, id, at)).length,
  }));
  if (queue !== null) options.push({ id: "helpers", count: helpers(all, queue).length });
  return (
    <>
      <Filters options={options} chosen={agentFilter.value} onChoose={(id) => { agentFilter.value = id; }} />
      <span class="grow" />
      {agentSort.value.column === "attention"
        ? <span class="small muted order">{say("sort_attention")}</span>
        : <Button size="small" kind="quiet" onPress={() => { agentSort.value = ATTENTION; }}>{say("attention_sort")}</Button>}
    </>
  );
}

export function AgentTable() {
  const filter = agentFilter.value;
  const queue = queueFilter.value;
  const all = inQueue();
  const rows = filter === "helpers" && queue !== null ? helpers(all, queue) : all.filter((agent) => passes(agent, filter, now.value));
  const chosen = selection.value;
  return (
    <SteadyTable
      label={say("agents")} columns={columns(now.value)} rows={rows} rowKey={(agent) => agent.id} sort={agentSort.value}
      onSort={(asked) => { agentSort.value = asked; }} selected={chosen?.kind === "agent" ? chosen.id : null}
      onSelect={(agent) => select("agent", agent.id)} asked={`${filter} ${queue ?? ""}`}
      empty={room.value.known ? say("no_agents") : say("loading")}
    />
  );
}

function columns(at: number): readonly Column<Agent>[] {
  return [
    {
      id: "agent", label: say("agent"), heading: true, order: (a, b) => b.name.localeCompare(a.name),
      cell: (agent) => (
        <button type="button" class="row-name"><Thread state={agentState(agent).state} /><bdi class="clamp">{agent.name}</bdi></button>
      ),
    },
    {
      id: "attention", label: say("state"), order: byAttention(at),
      cell: (agent) => <State agent={agent} at={at} />,
    },
    {
      id: "since", label: say("since"), number: true, order: (a, b) => b.since - a.since,
      cell: (agent) => <Since agent={agent} at={at} />,
    },
    { id: "work", label: say("contact"), cell: (agent) => <Work agent={agent} /> },
    { id: "load", label: say("load"), number: true, order: (a, b) => a.load - b.load, cell: (agent) => agent.load },
    { id: "do", label: "", cell: (agent) => <Listen agent={agent} /> },
  ];
}

function State({ agent, at }: { readonly agent: Agent; readonly at: number }) {
  const shown = agentState(agent);
  const { concern } = attention(agent, at);
  return <StateChip state={shown.state} icon={shown.icon} title={concern ? say(`concern_${concern}`) : ""}>{shown.word}</StateChip>;
}

function Since({ agent, at }: { readonly agent: Agent; readonly at: number }) {
  const { level, concern } = attention(agent, at);
  return (
    <span class={`figure ${["", "near", "over"][level]}`} title={concern ? say(`concern_${concern}`) : ""}>
      <Timer since={agent.signed_in ? agent.since : null} />
      <span class="mark" aria-hidden="true">{level === 2 ? "▲" : level === 1 ? "●" : ""}</span>
      {concern && <span class="unseen">{say(`concern_${concern}`)}</span>}
    </span>
  );
}

function Work({ agent }: { readonly agent: Agent }) {
  const [first, ...others] = workOf(agent);
  if (!first) {
    const { concern } = attention(agent, now.peek());
    return <span class="muted clamp">{concern ? say(`concern_${concern}`) : ""}</span>;
  }
  return (
    <span class="clamp">
      {common(first.channel)} · <bdi>{callerName(first)}</bdi>
      {others.length > 0 && <span class="muted">, {say("more_contacts", { count: others.length })}</span>}
    </span>
  );
}

function Listen({ agent }: { readonly agent: Agent }) {
  const contact = workOf(agent).find((each) => each.channel === "voice" && hindrance(each) === null);
  if (!contact || !may("listen") || monitored.value?.contact.id === contact.id) return null;
  return (
    <span onClick={(event) => event.stopPropagation()}>
      <Button
        size="small" icon="ear" name={`${say("listen")}: ${agent.name}`}
        onPress={() => { select("contact", contact.id); return monitor(contact, "listen"); }}
      />
    </span>
  );
}
