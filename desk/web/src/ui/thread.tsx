import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import type { IconName } from "./icons";

/** What a live item does: each has a pattern of its own. The last five are for figures and people, not contacts. */
export type ThreadState =
  | "offered" | "connecting" | "ringing" | "talking" | "held" | "consulting" | "wrapping" | "parked" | "failed"
  | "good" | "near" | "over" | "away" | "idle";

interface ThreadProps {
  readonly state: ThreadState;
  /** Lying between two things instead of standing before one. */
  readonly flat?: boolean;
}

/** The mark of a live item. The word beside it says the same. */
export function Thread({ state, flat = false }: ThreadProps) {
  return <span class={`thread ${state}${flat ? " flat" : ""}`} aria-hidden="true" />;
}

interface ChipProps {
  readonly state?: ThreadState | "recorded";
  readonly icon?: IconName;
  readonly title?: string;
  readonly children: ComponentChildren;
}

/** A state as a word with its picture. A time in it is not read aloud by itself. */
export function StateChip({ state = "idle", icon, title, children }: ChipProps) {
  return (
    <span class={`chip ${state}`} title={title}>
      {icon && <Icon name={icon} />}
      {children}
    </span>
  );
}
