// The visitor's sound moves to a telephone, with the same agent; the picture stays while the page does.

import { computed, effect, signal } from "@preact/signals";
import { Refused, tell } from "../lib/api";
import { keep, kept } from "../lib/keep";
import { say } from "../text/by-telephone";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import type { VideoCall } from "../video/call";
import { numberProblem } from "./call-back";
import { NumberForm } from "./number-form";
import { call, media, welcome } from "./visit";

const asking = signal(false);
const number = signal("");
/** What went wrong: words are chosen as it is shown, for the language may change. */
const wrong = signal<{ readonly error: unknown } | null>(null);

const telephone = computed(() => call.value?.state.value?.telephone ?? "");

/** Whether the visitor is heard, and hears, by telephone: a page that did so too would make an echo. */
export const onTelephone = computed(() => telephone.value === "here");

/** That the microphone was on before: kept, for the page may be loaded anew meanwhile. */
const SPOKE = "visit.spoke";
let before = "";
effect(() => {
  const now = telephone.value;
  if (now === before) return;
  if (now === "here") {
    if (media.microphone.peek()) keep("session", SPOKE, true);
    asking.value = false;
    void media.switchMicrophone(false);
  } else if (before === "here" && kept<boolean>("session", SPOKE, false)) {
    keep("session", SPOKE, false);
    // At the end of the visit the devices are given back.
    if (call.peek()?.state.peek()?.stage === "talking") void media.switchMicrophone(true).catch(() => undefined);
  }
  before = now;
});

/** What is wrong, in words. */
function words(error: unknown): string {
  if (error === null) return say("missing");
  if (error instanceof Refused && (error.code === "conflict" || error.code === "later")) return say("refused");
  return numberProblem(error);
}

async function ring(it: VideoCall): Promise<void> {
  wrong.value = number.value.trim() === "" ? { error: null } : null;
  if (wrong.value) return;
  try {
    await tell(it.telephonePath, { number: number.value.trim() });
    asking.value = false;
  } catch (error) {
    wrong.value = { error };
  }
}

const end = (it: VideoCall): Promise<unknown> => tell(it.telephonePath, {}, { method: "DELETE" }).catch(() => undefined);

/** The button of the bar; nothing where the centre calls nobody. */
export function TelephoneButton() {
  const possible = welcome.value?.calls_back !== false && call.value?.state.value?.stage === "talking";
  if (!possible || telephone.value) return null;
  return (
    <Button
      icon="phone" pressed={asking.value} name={say("go_on")}
      onPress={() => {
        asking.value = !asking.value;
        wrong.value = null;
      }}
    />
  );
}

/** What is asked, and how it stands. */
export function ByTelephone({ it }: { readonly it: VideoCall }) {
  if (telephone.value) {
    return (
      <div class="pill visit-weak visit-on-telephone" role="status">
        <Icon name="phone" /><span>{say(telephone.value)}</span>
        <Button size="small" onPress={() => end(it)}>{say(telephone.value === "here" ? "back" : "stop")}</Button>
      </div>
    );
  }
  if (!asking.value) return null;
  return (
    <NumberForm
      class="visit-telephone" number={number} wrong={wrong.value && words(wrong.value.error)}
      words={{ number: say("number"), note: say("note"), send: say("ring"), stay: say("stay") }}
      onSend={() => void ring(it)} onStay={() => (asking.value = false)}
    />
  );
}
