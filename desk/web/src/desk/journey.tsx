import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Refused, Unanswered, ask } from "../lib/api";
import { clock } from "../lib/format";
import type { Contact } from "../lib/model";
import { queueName } from "../lib/session";
import { say } from "../text/desk";
import { Icon } from "../ui/icon";
import type { IconName } from "../ui/icons";
import { colleagueName } from "./contact";

interface Transition {
  readonly seq: number;
  readonly at: number;
  readonly phase: Contact["phase"];
  readonly queue: string | null;
  readonly agent: string | null;
}

const ICON: Readonly<Record<Contact["phase"], IconName>> = {
  in_menu: "list-check", with_bot: "message-2", waiting: "clock", offered: "bell", connecting: "refresh", talking: "phone",
  held: "phone-pause", parked: "player-pause", wrapping: "notes", closed: "check",
};

function wordOf(phase: Contact["phase"], spoken: boolean) {
  return phase === "in_menu" && !spoken ? "journey_came" : (`journey_${phase}` as const);
}

/** The way the contact has come, from what is written down. It is read again whenever the contact moves. */
export function Journey({ id, phase }: { readonly id: string; readonly phase: Contact["phase"] }) {
  const steps = useSignal<readonly Transition[]>([]);
  const spoken = useSignal(true);
  useEffect(() => {
    let current = true;
    ask<{ readonly interaction: Pick<Contact, "channel">; readonly transitions: readonly Transition[] }>(`/interactions/${id}`)
      .then((history) => {
        if (!current) return;
        steps.value = history.transitions;
        spoken.value = history.interaction.channel === "voice";
      })
      .catch((error: unknown) => {
        // It is of use, not needed: the call goes on without it.
        if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
      });
    return () => {
      current = false;
    };
  }, [id, phase]);
  return (
    <div class="journey">
      <h2 class="label">{say("journey")}</h2>
      {steps.value.length === 0 ? (
        <p class="small muted">{say("journey_empty")}</p>
      ) : (
        <ol>
          {steps.value.map((step) => (
            <li key={`${step.seq}-${step.phase}`}>
              <time class="small muted">{clock(step.at)}</time>
              <Icon name={ICON[step.phase]} />
              <span>{say(wordOf(step.phase, spoken.value), { queue: queueName(step.queue), agent: colleagueName(step.agent) })}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
