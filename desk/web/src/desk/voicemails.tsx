import { effect, signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { announce } from "../lib/announce";
import { Refused, Unanswered } from "../lib/api";
import type { Contact } from "../lib/model";
import { go } from "../lib/router";
import { queueName } from "../lib/session";
import { me, queues } from "../lib/views";
import { type Voicemail, readVoicemail } from "../lib/voicemails";
import { say } from "../text/voicemail";
import { Button } from "../ui/button";
import { VoicemailList } from "../voicemails/list";
import { Player } from "../voicemails/player";
import { focusSoon } from "./place";

export const VOICEMAILS = "/meja/pesan-suara";

export function openVoicemails(): void {
  go(VOICEMAILS);
  focusSoon("[data-voicemail-heading]");
}

function hindrance(): string | null {
  const agent = me.value;
  if (!agent?.signed_in) return say("off_shift");
  if (!agent.reach.includes("voice")) return say("unreachable");
  return agent.load >= 100 ? say("busy") : null;
}

/** The list in the place of contact and customer. The work list with its offers stays: the callback is offered there. */
export function Voicemails() {
  return (
    <VoicemailList hindrance={hindrance}>
      <Button size="small" icon="arrow-back-up" onPress={() => go("/meja")}>{say("back")}</Button>
    </VoicemailList>
  );
}

const called = signal<Voicemail | null>(null);

/** The message because of which the customer is called, beside that call. */
export function CalledAbout({ contact }: { readonly contact: Contact }) {
  const id = contact.kind === "outbound" ? contact.parent : null;
  useEffect(() => {
    if (id === null) return;
    called.value = null;
    readVoicemail(id).then(
      (found) => { called.value = found; },
      (error: unknown) => {
        // Deleted meanwhile, or it was none: then there is nothing to show.
        if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
      },
    );
  }, [id]);
  const message = called.value;
  if (id === null || message?.id !== id) return null;
  return (
    <section class="called-about" aria-label={say("about")}>
      <b>{say("about")}</b>
      <Player of={message} />
      <Button size="small" icon="record-mail" onPress={openVoicemails}>{say("open_list")}</Button>
    </section>
  );
}

/** Say it when a message comes into one of the agent's queues. */
export function watchVoicemails(): void {
  let before: ReadonlyMap<string, number> | null = null;
  effect(() => {
    const counts = new Map<string, number>();
    for (const id of me.value?.queues ?? []) {
      const found = queues.value.get(id)?.voicemails;
      if (found) counts.set(id, found.new + found.taken);
    }
    for (const [id, count] of before ?? []) if ((counts.get(id) ?? 0) > count) announce(say("came", { queue: queueName(id) }));
    before = counts.size > 0 ? counts : before;
  });
}
