import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Refused, Unanswered } from "../lib/api";
import { announce } from "../lib/announce";
import { leave } from "../lib/session";
import { problem } from "../lib/words";
import { say } from "../text/supervisor";
import { Button, type ButtonProps } from "../ui/button";
import { Icon } from "../ui/icon";

/** Letters that the server wants of a reason, where it wants one. */
export const LEAST_REASON = 3;

interface Result {
  readonly good: boolean;
  readonly text: string;
}

/** What the last action on something came to, by what it was on. It stays where the action was. */
export const results = signal<Readonly<Record<string, Result>>>({});

/** A reason for which nothing was sent, in words for the person. */
export class Hindered extends Error {}

/** Do it, and keep what came of it under `about`. True if it was done. */
export async function attempt(about: string, done: string, run: () => Promise<unknown>): Promise<boolean> {
  let result: Result;
  try {
    await run();
    result = { good: true, text: done };
  } catch (error) {
    if (error instanceof Refused && error.status === 401) leave();
    if (error instanceof Hindered) result = { good: false, text: error.message };
    else if (error instanceof Refused || error instanceof Unanswered) result = { good: false, text: problem(error) };
    else throw error;
  }
  results.value = { ...results.peek(), [about]: result };
  announce(result.text, !result.good);
  return result.good;
}

export function Outcome({ about }: { readonly about: string }) {
  const result = results.value[about];
  if (!result) return null;
  return (
    <p class={`outcome ${result.good ? "done" : "failed"}`}>
      <Icon name={result.good ? "check" : "alert-triangle"} />
      <span>{result.text}</span>
    </p>
  );
}

interface ReasonProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly needed?: boolean;
  readonly first?: boolean;
}

export function ReasonField({ value, onChange, needed = false, first }: ReasonProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{needed ? say("reason_needed") : say("reason_optional")}</label>
      <input
        id={id} class="input" maxLength={200} value={value} required={needed} autocomplete="off" data-first={first ? "" : undefined}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </div>
  );
}

interface ActProps {
  /** What it is done to: results are kept by it. */
  readonly about: string;
  readonly title: string;
  readonly verb: string;
  readonly kind?: ButtonProps["kind"];
  readonly done: string;
  readonly hint?: string;
  /** Whether the request takes a reason. */
  readonly reasoned?: boolean;
  /** Whether it is not done without one. */
  readonly needed?: boolean;
  readonly hindrance?: string | null;
  readonly run: (reason: string) => Promise<unknown>;
  readonly children?: ComponentChildren;
}

/** Something a leader can do: folded until it is wanted, then what it needs, the verb, and what came of it. */
export function Act({ about, title, verb, kind = "primary", done, hint, reasoned = true, needed = false, hindrance, run, children }: ActProps) {
  const reason = useSignal("");
  const short = needed && reason.value.trim().length < LEAST_REASON ? say("reason_short") : null;
  const press = async (): Promise<void> => {
    if (await attempt(about, done, () => run(reason.value.trim()))) reason.value = "";
  };
  return (
    <details class="action">
      <summary><Icon name="chevron-right" />{title}</summary>
      <div class="body">
        {hint && <p class="small muted">{hint}</p>}
        {children}
        {reasoned && <ReasonField needed={needed} value={reason.value} onChange={(value) => { reason.value = value; }} />}
        <div class="row"><Button kind={kind} reason={hindrance ?? short} onPress={press}>{verb}</Button></div>
        <Outcome about={about} />
      </div>
    </details>
  );
}
