import { signal } from "@preact/signals";
import { Refused } from "../lib/api";
import { problem } from "../lib/words";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { NumberForm } from "./number-form";
import { callBack } from "./visit";

const asking = signal(false);
const number = signal("");
/** What went wrong: words are chosen as it is shown, for the language may change. */
const wrong = signal<{ readonly error: unknown } | null>(null);

const REASONS = ["malformed", "own", "foreign", "premium", "off", "twice"] as const;

/** What is wrong with a number, in words. */
export function numberProblem(error: unknown): string {
  if (error === null) return say("number_missing");
  if (!(error instanceof Refused)) return problem(error);
  const reason = REASONS.find((each) => error.code === `number_${each}`);
  if (reason) return say(`number_${reason}`);
  if (error.code === "invalid") return say("number_malformed");
  return error.code === "conflict" ? say("number_taken") : problem(error);
}

async function send(): Promise<void> {
  wrong.value = number.value.trim() === "" ? { error: null } : null;
  if (wrong.value) return;
  try {
    await callBack(number.value.trim());
    asking.value = false;
    number.value = "";
  } catch (error) {
    wrong.value = { error };
  }
}

/** Leave a telephone number instead of waiting. */
export function CallBack() {
  if (!asking.value) {
    return <Button wide icon="phone-call" onPress={() => (asking.value = true)}>{say("call_me")}</Button>;
  }
  return (
    <NumberForm
      class="visit-call-back" number={number} wrong={wrong.value && numberProblem(wrong.value.error)}
      words={{ number: say("number"), note: say("number_note"), send: say("call_me_send"), stay: say("keep_waiting") }}
      onSend={() => void send()}
      onStay={() => {
        asking.value = false;
        wrong.value = null;
      }}
    />
  );
}
