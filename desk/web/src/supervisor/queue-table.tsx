import { signal } from "@preact/signals";
import { now } from "../lib/clock";
import { number, percent, spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Queue } from "../lib/model";
import { say } from "../text/supervisor";
import type { Column, Sort } from "../ui/table";
import { StateChip, Thread } from "../ui/thread";
import { Timer } from "../ui/timer";
import { healthThread, queueState } from "./shown";
import { limitOf, room, select, selection } from "./state";
import { Changing, SteadyTable } from "./steady-table";

const sort = signal<Sort | null>(null);

const name = (queue: Queue): string => labelled(queue.name, queue.id);
const by = (value: (queue: Queue) => number | null) => (a: Queue, b: Queue): number => (value(a) ?? -1) - (value(b) ?? -1);

export function QueueTable() {
  const rows = [...room.value.queues.values()];
  const at = selection.value;
  return (
    <section class="box" aria-label={say("queues")}>
      <SteadyTable
        label={say("queues")} columns={columns()} rows={rows} rowKey={(queue) => queue.id} sort={sort.value}
        onSort={(asked) => { sort.value = asked; }} selected={at?.kind === "queue" ? at.id : null}
        onSelect={(queue) => select("queue", queue.id)} asked="" empty={room.value.known ? say("no_queues") : say("loading")}
      />
    </section>
  );
}

function columns(): readonly Column<Queue>[] {
  return [
    {
      id: "queue", label: say("queue"), heading: true, order: (a, b) => name(b).localeCompare(name(a)),
      cell: (queue) => (
        <button type="button" class="row-name">
          <Thread state={healthThread(queue.health)} /><span class="clamp">{name(queue)}</span>
        </button>
      ),
    },
    {
      id: "waiting", label: say("waiting"), number: true, order: by((queue) => queue.waiting),
      cell: (queue) => <b class="big"><Changing value={queue.waiting}>{number(queue.waiting)}</Changing></b>,
    },
    {
      id: "longest", label: say("longest"), number: true, order: by((queue) => (queue.longest_since ? now.peek() - queue.longest_since : null)),
      cell: (queue) => <Longest queue={queue} />,
    },
    {
      id: "predicted", label: say("predicted"), number: true, order: by((queue) => queue.predicted_ms),
      cell: (queue) => spoken(queue.predicted_ms),
    },
    {
      id: "level", label: say("service_level"), order: by((queue) => queue.half_hour.service_level),
      cell: (queue) => <Level queue={queue} />,
    },
    {
      id: "today", label: say("today"), number: true, order: by((queue) => queue.today.service_level),
      cell: (queue) => percent(queue.today.service_level),
    },
    {
      id: "abandoned", label: say("abandoned"), number: true, order: by((queue) => queue.today.abandoned),
      cell: (queue) => <Changing value={queue.today.abandoned}>{number(queue.today.abandoned)}</Changing>,
    },
    {
      id: "crew", label: say("crew"), number: true, order: by((queue) => queue.ready),
      cell: (queue) => `${number(queue.ready)} / ${number(queue.working)}`,
    },
    {
      id: "state", label: say("state"), order: (a, b) => a.state.localeCompare(b.state),
      cell: (queue) => {
        const shown = queueState(queue);
        return <StateChip state={shown.state} icon={shown.icon} title={queue.reason ?? ""}>{shown.word}</StateChip>;
      },
    },
  ];
}

/** The longest wait against the limit: the mark behind it says what the colour says. */
function Longest({ queue }: { readonly queue: Queue }) {
  const { wait } = limitOf(queue);
  const waited = queue.longest_since === null ? null : now.value - queue.longest_since;
  const level = wait === null || waited === null ? "" : waited > wait ? "over" : waited >= 0.6 * wait ? "near" : "";
  return (
    <span class={`figure ${level}`}>
      <Timer since={queue.longest_since} /><span class="mark" aria-hidden="true">{level === "over" ? "▲" : level === "near" ? "●" : ""}</span>
    </span>
  );
}

export function Level({ queue }: { readonly queue: Queue }) {
  const value = queue.half_hour.service_level;
  const { target } = limitOf(queue);
  if (value === null) return <span class="muted">–</span>;
  const level = target === null || value >= target ? "good" : value >= target - 5 ? "near" : "over";
  const share = (of: number): string => `${Math.max(0, Math.min(100, of))}%`;
  return (
    <span class="row level">
      <span
        class={`bar ${level}`} role="meter" aria-label={say("service_level")} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(value)}
        aria-valuetext={target === null ? percent(value) : say("service_level_text", { level: percent(value), target: percent(target) })}
      >
        <span class="filled" style={{ width: share(value) }} />
        {target !== null && <span class="tick" style={{ left: share(target) }} />}
      </span>
      <b>{percent(value)}</b>
    </span>
  );
}
