import { useSignal } from "@preact/signals";
import { tell } from "../lib/api";
import { number, percent, spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Figures, QueueState } from "../lib/model";
import { may } from "../lib/session";
import { say } from "../text/supervisor";
import { Segments } from "../ui/tabs";
import { StateChip } from "../ui/thread";
import { Act } from "./act";
import { Facts, PaneHead } from "./pane-parts";
import { queueState } from "./shown";
import { room } from "./state";

const HINT = { open: "queue_open_hint", paused: "queue_pause_hint", draining: "queue_drain_hint" } as const;

export function QueueDetail({ id }: { readonly id: string }) {
  const queue = room.value.queues.get(id);
  const wish = useSignal<QueueState | null>(null);
  if (!queue) return <PaneHead title={say("queue")}><p class="muted">{room.value.known ? say("queue_unknown") : say("loading")}</p></PaneHead>;
  const state = queueState(queue);
  const to = wish.value ?? queue.state;
  const by = queue.by && (queue.reason ? say("queue_by", { by: queue.by, reason: queue.reason }) : say("queue_by_only", { by: queue.by }));
  return (
    <PaneHead title={labelled(queue.name, queue.id)}>
      <div class="row wrap">
        <StateChip state={state.state} icon={state.icon}>{state.word}</StateChip>
        {queue.state !== "open" && by && <span class="small muted"><bdi>{by}</bdi></span>}
      </div>
      <div class="label">{say("half_hour")}</div>
      <Facts facts={figures(queue.half_hour)} />
      <div class="label">{say("today")}</div>
      <Facts facts={[...figures(queue.today), [say("signed_in"), number(queue.signed_in)]]} />
      {may("rule") && (
        <Act
          about={`queue:${id}`} title={say("queue_state")} verb={say("apply")} done={say("queue_done")} hint={say(HINT[to])} needed={to !== "open"}
          run={(reason) => tell(`/queues/${id}/state`, { state: to, reason })}
        >
          <Segments<QueueState>
            label={say("state")} chosen={to} onChoose={(state_) => { wish.value = state_; }}
            options={[{ id: "open", label: say("open_verb") }, { id: "paused", label: say("pause_verb") }, { id: "draining", label: say("drain_verb") }]}
          />
        </Act>
      )}
    </PaneHead>
  );
}

function figures(of: Figures): readonly (readonly [string, string])[] {
  return [
    [say("offered_figure"), number(of.offered)],
    [say("answered"), number(of.answered)],
    [say("abandoned"), `${number(of.abandoned)}${of.abandon_rate === null ? "" : ` (${percent(of.abandon_rate)})`}`],
    [say("asa"), spoken(of.asa_ms)],
  ];
}
