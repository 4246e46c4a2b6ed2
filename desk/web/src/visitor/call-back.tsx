import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Refused } from "../lib/api";
import { problem } from "../lib/words";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
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
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (asking.value) field.current?.focus();
  }, [asking.value, wrong.value]);
  if (!asking.value) {
    return <Button wide icon="phone-call" onPress={() => (asking.value = true)}>{say("call_me")}</Button>;
  }
  return (
    <form
      class="stack visit-call-back"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="visit-field">
        <label for="number">{say("number")}</label>
        <input
          ref={field} id="number" type="tel" inputMode="tel" autocomplete="tel" maxLength={32} value={number.value}
          aria-invalid={wrong.value !== null} aria-describedby="number-note"
          onInput={(event) => {
            number.value = event.currentTarget.value;
          }}
        />
        <small id="number-note" class="muted">{say("number_note")}</small>
      </div>
      {wrong.value && <p class="visit-wrong" role="alert"><Icon name="alert-triangle" />{numberProblem(wrong.value.error)}</p>}
      <Button kind="primary" wide icon="phone-call" submit>{say("call_me_send")}</Button>
      <Button
        kind="quiet" wide onPress={() => {
          asking.value = false;
          wrong.value = null;
        }}
      >
        {say("keep_waiting")}
      </Button>
    </form>
  );
}
