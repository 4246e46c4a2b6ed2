// The keyboard. A page names what can be done, with a key; the list under `?` and the command field show the same names.
// Keys can be changed by each person, and single characters switched off (WCAG 2.1.4). Nothing happens while a sheet
// is open but what the sheet itself offers.

import { signal } from "@preact/signals";
import { createKeybindingsHandler } from "tinykeys";
import { keep, kept } from "./keep";

export interface Action {
  /** Stable: people's own keys are kept under it. */
  readonly id: string;
  readonly label: string;
  /** As tinykeys writes it: `F2`, `Shift+F9`, `Alt+KeyM`, `$mod+KeyK`. */
  readonly keys: string;
  readonly run: () => void;
  /** Whether it can be done now; absent means always. */
  readonly when?: () => boolean;
  /** Whether it works while typing. A single character never does. */
  readonly typing?: boolean;
  /** Under which heading the list has it. */
  readonly group?: string;
  /** Whether the command field offers it. */
  readonly command?: boolean;
}

export const actions = signal<readonly Action[]>([]);
/** A person's own keys, by action. */
export const ownKeys = signal<Readonly<Record<string, string>>>(kept("local", "keys", {}));
export const singleKeys = signal<boolean>(kept("local", "single-keys", true));

export function chooseKeys(id: string, keys: string | null): void {
  const { [id]: _, ...others } = ownKeys.value;
  ownKeys.value = keys === null ? others : { ...others, [id]: keys };
  keep("local", "keys", ownKeys.value);
}

export function allowSingleKeys(allow: boolean): void {
  singleKeys.value = allow;
  keep("local", "single-keys", allow);
}

export function keysOf(action: Action): string {
  return ownKeys.value[action.id] ?? action.keys;
}

/** How a key is written on the screen: `Ctrl K`, `Alt M`. */
export function shown(keys: string): string {
  return keys
    .replace("[Shift]+", "")
    .replace("$mod", "Ctrl")
    .replace("Control", "Ctrl")
    .replace(/\bKey([A-Z])\b/g, "$1")
    .replace(/\bDigit(\d)\b/g, "$1")
    .replace("Escape", "Esc")
    .replace("ArrowUp", "↑")
    .replace("ArrowDown", "↓")
    .replaceAll("+", " ");
}

/** The same for `aria-keyshortcuts`. */
export function spokenKeys(keys: string): string {
  return keys
    .replace("[Shift]+", "")
    .replace("$mod", "Control")
    .replace(/\bKey([A-Z])\b/g, "$1")
    .replace(/\bDigit(\d)\b/g, "$1");
}

/** A character alone, without a modifier: it must never act while somebody types. */
export function isSingle(keys: string): boolean {
  return /^(\[?Shift\]?\+)?(.|Key[A-Z]|Digit\d|Slash|Question)$/.test(keys);
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && /^(checkbox|radio|button|range)$/.test(target.type))
  );
}

/** Listen to the page's keys. Returns what ends it. */
export function startKeys(): () => void {
  let bound: readonly [readonly Action[], unknown, (event: KeyboardEvent) => void] | null = null;
  const handler = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    if (bound?.[0] !== actions.value || bound[1] !== ownKeys.value) {
      bound = [actions.value, ownKeys.value, bind(actions.value)];
    }
    bound[2](event);
  };
  addEventListener("keydown", handler);
  return () => removeEventListener("keydown", handler);
}

function bind(all: readonly Action[]): (event: KeyboardEvent) => void {
  const bindings: Record<string, (event: KeyboardEvent) => void> = {};
  for (const action of all) {
    const keys = keysOf(action);
    const before = bindings[keys];
    bindings[keys] = (event) => {
      before?.(event);
      if (event.defaultPrevented || !may(action, keys, event)) return;
      event.preventDefault();
      // A key that is held down repeats; nobody means to accept twice.
      if (!event.repeat) action.run();
    };
  }
  return createKeybindingsHandler(bindings, { ignore: () => false });
}

function may(action: Action, keys: string, event: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open]")) return false;
  if (isSingle(keys) && !singleKeys.value) return false;
  if (isField(event.target) && (isSingle(keys) || action.typing === false)) return false;
  return action.when?.() ?? true;
}
