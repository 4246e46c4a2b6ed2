import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { tell } from "../lib/api";
import { now } from "../lib/clock";
import { labelled } from "../lib/i18n";
import type { Agent } from "../lib/model";
import { may, queueName, reference } from "../lib/session";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Icon } from "../ui/icon";
import { Meter } from "../ui/meter";
import { StateChip } from "../ui/thread";
import { Timer } from "../ui/timer";
import { Act } from "./act";
import { attention } from "./attention";
import { Facts, PaneHead } from "./pane-parts";
import { agentState, callerName, contactState } from "./shown";
import { room, select, workOf } from "./state";

export function AgentDetail({ id }: { readonly id: string }) {
  const agent = room.value.agents.get(id);
  if (!agent) return <PaneHead title={say("agent")}><p class="muted">{room.value.known ? say("agent_unknown") : say("loading")}</p></PaneHead>;
  const state = agentState(agent);
  const { concern } = attention(agent, now.value);
  return (
    <PaneHead title={agent.name}>
      <div class="row wrap">
        <StateChip state={state.state} icon={state.icon}>{state.word}</StateChip>
        {agent.signed_in && <Timer since={agent.since} />}
        {concern && <b class="small over">{say(`concern_${concern}`)}</b>}
      </div>
      <div class="stack tight">
        <div class="row small"><span class="grow">{say("load")}</span>{say("load_text", { load: agent.load })}</div>
        <Meter
          label={say("load")} value={agent.load - agent.offered_load} reserved={agent.offered_load} text={say("load_text", { load: agent.load })}
        />
      </div>
      <Facts
        facts={[
          [say("own_queues"), agent.queues.map((queue) => queueName(queue)).join(", ") || "–"],
          [say("desk"), agent.desk ? say("desk_open") : say("desk_closed")],
          ...agent.phones.map((phone) => [
            phone.kind === "browser" ? say("browser") : say("telephone"), phone.up ? say("reachable") : say("unreachable"),
          ] as const),
        ]}
      />
      <div class="label">{say("working_on")}</div>
      <Work agent={agent} />
      {may("lead") && <Lead agent={agent} />}
    </PaneHead>
  );
}

function Work({ agent }: { readonly agent: Agent }) {
  const work = workOf(agent);
  if (work.length === 0) return <p class="small muted">{say("nothing_held")}</p>;
  return (
    <ul class="plain">
      {work.map((contact) => {
        const shown = contactState(contact);
        return (
          <li key={contact.id}>
            <button type="button" class="row-name wide" onClick={() => select("contact", contact.id)}>
              <span class="grow clamp">{common(contact.channel)} · <bdi>{callerName(contact)}</bdi></span>
              <StateChip state={shown.state} icon={shown.icon}>{shown.word}</StateChip><Icon name="chevron-right" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Lead({ agent }: { readonly agent: Agent }) {
  const to = useSignal(agent.ready ? "" : "ready");
  const field = useId();
  const reasons = reference.value?.reasons ?? [];
  const wish = to.value || reasons[0]?.id || "ready";
  const values = { agent: agent.name };
  const out = agent.signed_in ? null : say("intent_out");
  const set = (): Promise<unknown> =>
    tell(`/agents/${agent.id}/intent`, { ready: wish === "ready", reason: wish === "ready" ? "" : wish, next: false });
  return (
    <>
      <Act
        about={`intent:${agent.id}`} title={say("intent")} verb={say("apply")} done={say("intent_done", values)} reasoned={false}
        hindrance={out} run={set}
      >
        <div class="field">
          <label for={field}>{say("intent_to")}</label>
          <select id={field} class="input" value={wish} onChange={(event) => { to.value = event.currentTarget.value; }}>
            <option value="ready">{say("ready")}</option>
            {reasons.map((reason) => (
              <option key={reason.id} value={reason.id}>{say("not_ready")}: {labelled(reason.name, reason.id)}</option>
            ))}
          </select>
        </div>
      </Act>
      <Act
        about={`out:${agent.id}`} title={say("sign_out_agent")} verb={say("sign_out_agent")} kind="end" done={say("sign_out_done", values)}
        hint={say("sign_out_hint")} reasoned={false} hindrance={out} run={() => tell(`/agents/${agent.id}/sign-out`)}
      />
    </>
  );
}
