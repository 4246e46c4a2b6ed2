// Asks for a telephone number: to be called back on, or to go on by. What it says is its owner's.

import type { Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

interface NumberFormProps {
  readonly class: string;
  readonly number: Signal<string>;
  /** What was wrong with the number that was sent last, in words. */
  readonly wrong: string | null;
  readonly words: Readonly<Record<"number" | "note" | "send" | "stay", string>>;
  readonly onSend: () => void;
  readonly onStay: () => void;
}

export function NumberForm({ class: name, number, wrong, words, onSend, onStay }: NumberFormProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), [wrong]);
  return (
    <form
      class={`stack ${name}`}
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <div class="visit-field">
        <label for="number">{words.number}</label>
        <input
          ref={field} id="number" type="tel" inputMode="tel" autocomplete="tel" maxLength={32} value={number.value}
          aria-invalid={wrong !== null} aria-describedby="number-note"
          onInput={(event) => {
            number.value = event.currentTarget.value;
          }}
        />
        <small id="number-note" class="muted">{words.note}</small>
      </div>
      {wrong && <p class="visit-wrong" role="alert"><Icon name="alert-triangle" />{wrong}</p>}
      <Button kind="primary" wide icon="phone-call" submit>{words.send}</Button>
      <Button kind="quiet" wide onPress={onStay}>{words.stay}</Button>
    </form>
  );
}
