// The strip above everything: the one thing that is worst, and the one thing to do about it.

import { effect, signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { clock, percent, spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Queue } from "../lib/model";
import { may } from "../lib/session";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { afterHours, takeNote } from "./after-hours";
import { helpers } from "./attention";
import { agentFilter, agentName, limitOf, linkState, queueFilter, room, select, sheet, table } from "./state";

interface Alarm {
  /** What it is about: it is announced, and known, once. */
  readonly key: string;
  readonly title: string;
  readonly more: string;
  readonly queue?: Queue;
  readonly reopen?: boolean;
  /** A call made out of hours: it is an alarm until somebody has taken note. */
  readonly call?: string;
}

const acknowledged = signal<ReadonlySet<string>>(new Set());

export function alarms(): readonly Alarm[] {
  const { centre, queues } = room.value;
  const found: Alarm[] = [];
  if (centre?.closed) {
    const values = { by: centre.by ?? "–", time: centre.since ? clock(centre.since) : "–", reason: centre.reason ?? "–" };
    found.push({ key: `closed ${centre.since}`, title: say("alarm_closed"), more: say("alarm_closed_by", values), reopen: true });
  }
  for (const each of centre?.links ?? []) {
    if (each.up) continue;
    const more = say("alarm_link_since", { time: clock(each.since) });
    found.push({ key: `link ${each.name} ${each.since}`, title: say("alarm_link", { name: each.name }), more });
  }
  for (const { id, agent, at } of afterHours.value) {
    const values = { agent: agentName(agent), time: clock(at) };
    found.push({ key: `after hours ${id}`, title: say("alarm_after_hours"), more: say("alarm_after_hours_more", values), call: id });
  }
  const late = [...queues.values()].filter((queue) => queue.health === "over" || deserted(queue));
  late.sort((a, b) => (a.longest_since ?? Infinity) - (b.longest_since ?? Infinity));
  for (const queue of late) found.push(queueAlarm(queue));
  return found;
}

/** Somebody waits and nobody is there: that is worth a word before any limit is passed. */
const deserted = (queue: Queue): boolean =>
  queue.state !== "paused" && queue.waiting > 0 && queue.ready === 0 && queue.working === 0;

function queueAlarm(queue: Queue): Alarm {
  const name = labelled(queue.name, queue.id);
  const { wait, target } = limitOf(queue);
  if (queue.waiting === 0 || queue.longest_since === null) {
    const values = { level: percent(queue.half_hour.service_level), target: percent(target) };
    return { key: `level ${queue.id}`, title: say("alarm_level", { queue: name }), more: say("alarm_level_more", values), queue };
  }
  const title = deserted(queue) ? say("alarm_nobody", { queue: name }) : say("alarm_over", { queue: name });
  const values = { count: queue.waiting, time: clock(queue.longest_since), limit: spoken(wait) };
  return { key: `${deserted(queue) ? "deserted" : "over"} ${queue.id}`, title, more: say("alarm_over_more", values), queue };
}

export function watchAlarms(): void {
  let last = "";
  effect(() => {
    const worst = alarms()[0];
    if (worst && worst.key !== last) announce(`${worst.title} ${worst.more}`);
    last = worst?.key ?? "";
    // What is over is forgotten, so that it is new when it comes again.
    const live = new Set(alarms().map((each) => each.key));
    const kept = [...acknowledged.peek()].filter((key) => live.has(key));
    if (kept.length !== acknowledged.peek().size) acknowledged.value = new Set(kept);
  });
}

export function AlarmStrip() {
  if (linkState.value === "lost") {
    return <div class="strip warning"><Icon name="plug-connected-x" /><div class="grow">{say("last_known")}</div></div>;
  }
  const worst = alarms().find((each) => !acknowledged.value.has(each.key));
  if (!worst) return null;
  return (
    <section class="strip failure alarm" aria-label={worst.title}>
      <Icon name="alert-triangle" />
      <p class="grow"><b>{worst.title}</b> {worst.more}</p>
      <Remedy alarm={worst} />
      <Button
        size="small" kind="quiet"
        onPress={() => {
          acknowledged.value = new Set([...acknowledged.value, worst.key]);
          if (worst.call) takeNote(worst.call);
        }}
      >
        {say("alarm_known")}
      </Button>
    </section>
  );
}

function Remedy({ alarm: { queue, reopen, call } }: { readonly alarm: Alarm }) {
  if (reopen) return may("rule") ? <Button size="small" onPress={() => { sheet.value = "reopen"; }}>{say("reopen")}</Button> : null;
  if (call) return <Button size="small" onPress={() => select("contact", call)}>{say("alarm_after_hours_show")}</Button>;
  if (!queue) return null;
  const count = helpers(room.value.agents.values(), queue.id).length;
  if (count === 0) return <Button size="small" onPress={() => select("queue", queue.id)}>{say("alarm_queue")}</Button>;
  const show = (): void => {
    queueFilter.value = queue.id;
    agentFilter.value = "helpers";
    table.value = "agents";
  };
  return <Button size="small" onPress={show}>{say("alarm_help", { count })}</Button>;
}
