import { useSignal } from "@preact/signals";
import { spoken } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { AgentState, Contact, Target } from "../lib/model";
import { colleagues, me, queues } from "../lib/views";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Combobox, type Option } from "../ui/combobox";
import { Sheet } from "../ui/sheet";
import { StateChip, type ThreadState } from "../ui/thread";
import { contactName } from "./contact";
import { consult, transfer } from "./doing";

interface Destination extends Option {
  readonly target: Target;
  readonly predictedMs: number | null;
}

const THREAD: Readonly<Record<AgentState, ThreadState>> = {
  signed_out: "idle", not_ready: "away", ready: "good", offered: "offered", talking: "talking", held: "held", wrapping: "wrapping",
};
const SUGGESTED = 3;
const NUMBER = /^\+?[0-9][0-9 -]{2,17}$/;

/** Where a call can go: whoever can take it soonest first, then queues, then colleagues. */
export function destinations(contact: Contact): readonly Destination[] {
  const own = me.value?.id;
  const people = [...colleagues.value.values()].filter(
    (each) => each.id !== own && each.state !== "signed_out" && each.reach.includes(contact.channel),
  );
  const person = (each: (typeof people)[number], group: string): Destination => ({
    id: `agent-${each.id}`,
    label: each.name,
    also: each.id,
    group,
    target: { kind: "agent", agent: each.id },
    predictedMs: null,
    hint: <StateChip state={THREAD[each.state]}>{stateWord(each.state)}</StateChip>,
  });
  const places: Destination[] = [...queues.value.values()]
    .filter((queue) => queue.state === "open")
    .map((queue) => ({
      id: `queue-${queue.id}`,
      label: labelled(queue.name, queue.id),
      also: Object.values(queue.name).join(" "),
      group: say("group_queues"),
      target: { kind: "queue", queue: queue.id },
      predictedMs: queue.predicted_ms,
      hint: (
        <span class="small muted">
          {queue.predicted_ms === null
            ? say("queue_hint_unknown", { ready: queue.ready, waiting: queue.waiting })
            : say("queue_hint", { time: spoken(queue.predicted_ms), ready: queue.ready })}
        </span>
      ),
    }));
  const free = people.filter((each) => each.state === "ready" && shares(each.queues, contact.queue));
  const first = free.slice(0, SUGGESTED).map((each) => person(each, say("group_suggested")));
  const others = people.filter((each) => !free.slice(0, SUGGESTED).includes(each));
  return [...first, ...places, ...others.map((each) => person(each, say("group_colleagues")))];
}

const shares = (theirs: readonly string[], queue: string | null): boolean => queue === null || theirs.includes(queue);

function stateWord(state: AgentState): string {
  return say(`state_${state}`);
}

export function TransferSheet({ contact, onClose }: { readonly contact: Contact; readonly onClose: () => void }) {
  const active = useSignal<Destination | null>(null);
  const hand = async (to: Destination, first: boolean): Promise<void> => {
    onClose();
    await (first ? consult(contact, to.target) : transfer(contact, to.target));
  };
  const to = active.value;
  const wait = to?.predictedMs ? spoken(to.predictedMs) : null;
  return (
    <Sheet
      title={say("transfer_title", { who: contactName(contact) })}
      onClose={onClose}
      footer={to && (comesIn(contact, to) ? (
        <Button kind="primary" icon="phone-outgoing" keys="Enter" onPress={() => hand(to, true)}>{say("bring_in", { target: to.label })}</Button>
      ) : (
        <>
          <Button icon="user-plus" keys="Control+Enter" onPress={() => hand(to, true)}>{say("consult_with", { target: to.label })}</Button>
          <Button kind="primary" icon="arrow-forward-up" keys="Enter" onPress={() => hand(to, false)}>
            {wait ? say("transfer_to_wait", { target: to.label, time: wait }) : say("transfer_to", { target: to.label })}
          </Button>
        </>
      ))}
    >
      <Combobox<Destination>
        first
        label={say("transfer_field")}
        placeholder={say("transfer_field")}
        items={destinations(contact)}
        onActive={(item) => { active.value = item; }}
        onPick={(item, event) => {
          // A click chooses, so that both ways of handing over stay open; Enter does it.
          if (event instanceof KeyboardEvent) void hand(item, event.ctrlKey || comesIn(contact, item));
        }}
        extra={numberTyped}
      />
      <p class="small muted">{say("transfer_hint")} {say("transfer_keeps")}</p>
    </Sheet>
  );
}

/** A telephone comes into a video call as sound; a visitor by video cannot be left to it. */
function comesIn(contact: Contact, to: Destination): boolean {
  return contact.channel === "video" && to.target.kind === "number";
}

function numberTyped(typed: string): readonly Destination[] {
  if (!NUMBER.test(typed.trim())) return [];
  const number = typed.replace(/[ -]/g, "");
  return [{
    id: `number-${number}`, label: say("number_to", { number }), group: say("group_number"), predictedMs: null,
    target: { kind: "number", number },
  }];
}
