import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { now } from "../lib/clock";
import { longRunning } from "../lib/format";
import { say } from "../text/desk";
import { Icon } from "./icon";
import { Menu, MenuItem } from "./menu";

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly hint?: string;
  readonly checked?: boolean;
}

interface PresenceProps {
  readonly kind: "ready" | "away" | "off" | "unreachable" | "unknown";
  readonly word: string;
  readonly since: number | null;
  readonly groups: readonly { readonly label: string | null; readonly choices: readonly Choice[] }[];
  readonly onChoose: (id: string) => void;
  /** Changes when the list is asked for by its key. */
  readonly opened?: { value: boolean };
  readonly note?: ComponentChildren;
}

/** What the agent wishes and is, in one word, always in sight. It is derived, never a stored flag. */
export function Presence({ kind, word, since, groups, onChoose, opened, note }: PresenceProps) {
  const own = useSignal(false);
  const open = opened ?? own;
  const button = useRef<HTMLButtonElement>(null);
  const time = since === null ? "" : longRunning(now.value - since);
  return (
    <>
      <button
        type="button"
        ref={button}
        class={`presence ${kind}`}
        aria-haspopup="menu"
        aria-expanded={open.value}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        <span class="dot" />
        <span class="clamp"><span class="unseen">{say("presence", { state: "" })}</span>{word}</span>
        <span class="timer">{time}</span>
        <Icon name="chevron-down" />
      </button>
      {note}
      {open.value && (
        <Menu
          anchor={button}
          label={say("choose_presence")}
          onClose={() => {
            open.value = false;
          }}
        >
          {groups.map((group, index) => (
            <div role="group" aria-label={group.label ?? undefined} key={group.label ?? index}>
              {index > 0 && <hr />}
              {group.label && <div class="label group" aria-hidden="true">{group.label}</div>}
              {group.choices.map((choice) => (
                <MenuItem
                  key={choice.id}
                  checked={choice.checked ?? false}
                  onPick={() => {
                    open.value = false;
                    onChoose(choice.id);
                  }}
                >
                  <span class="grow">{choice.label}</span>
                  {choice.hint && <span class="small muted">{choice.hint}</span>}
                  {choice.checked && <Icon name="check" />}
                </MenuItem>
              ))}
            </div>
          ))}
        </Menu>
      )}
    </>
  );
}
