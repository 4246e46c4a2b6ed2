import { now } from "../lib/clock";
import { left, running } from "../lib/format";

interface TimerProps {
  /** Counts up from here; null is not known. */
  readonly since?: number | null;
  /** Counts down to here. */
  readonly until?: number | null;
  /** From so many ms on it is written in amber, and from twice as many in vermilion. */
  readonly warnAt?: number;
  readonly bold?: boolean;
}

/** A time that runs. It keeps its width, and no screen reader is told each second. */
export function Timer({ since = null, until = null, warnAt, bold }: TimerProps) {
  const ms = until !== null ? until - now.value : since === null ? null : now.value - since;
  const text = until !== null && ms !== null ? left(ms) : running(ms);
  const late = warnAt !== undefined && ms !== null && ms >= warnAt;
  const colour = !late ? "" : ms >= 2 * warnAt ? "over" : "near";
  return (
    <time class={`timer ${colour}`} role="timer" aria-live="off">
      {bold ? <b>{text}</b> : text}
    </time>
  );
}
