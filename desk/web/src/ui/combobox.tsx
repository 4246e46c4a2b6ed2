import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { announce } from "../lib/announce";
import { fits } from "../lib/search";
import { say } from "../text/common";

export interface Option {
  readonly id: string;
  readonly label: string;
  /** Further words by which it is found. */
  readonly also?: string;
  readonly group?: string;
  readonly hint?: ComponentChildren;
}

interface ComboboxProps<T extends Option> {
  readonly label: string;
  readonly items: readonly T[];
  readonly onPick: (item: T, event: KeyboardEvent | MouseEvent) => void;
  readonly placeholder?: string;
  readonly first?: boolean;
  readonly none?: string;
  /** Told which item would be taken by Enter. */
  readonly onActive?: (item: T | null) => void;
  readonly chosen?: string | null;
  /** What the typed text itself may mean, beside the items that it finds. */
  readonly extra?: (typed: string) => readonly T[];
}

const MOST = 80;

/** A field with the list of what fits below it, always open: for sheets, where choosing is all there is to do. */
export function Combobox<T extends Option>(props: ComboboxProps<T>) {
  const { label, items, onPick, placeholder, none, onActive } = props;
  const typed = useSignal("");
  const at = useSignal(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const matching = (): readonly T[] => [
    ...(props.extra?.(typed.value) ?? []),
    ...items.filter((item) => fits(typed.value, item.label, item.also ?? "")).slice(0, MOST),
  ];
  const found = matching();
  const index = Math.min(at.value, found.length - 1);
  const active = found[index] ?? null;

  useEffect(() => onActive?.(active), [active?.id]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active?.id]);

  const move = (to: number): void => {
    at.value = found.length === 0 ? 0 : (to + found.length) % found.length;
  };
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") move(index + 1);
    else if (event.key === "ArrowUp") move(index - 1);
    else if (event.key === "PageDown") move(Math.min(index + 8, found.length - 1));
    else if (event.key === "PageUp") move(Math.max(index - 8, 0));
    else if (event.key === "Enter" && active) onPick(active, event);
    else return;
    event.preventDefault();
  };
  const input = (event: Event): void => {
    typed.value = (event.target as HTMLInputElement).value;
    at.value = 0;
    announce(say("found", { count: matching().length }));
  };

  return (
    <div class="combobox">
      <input
        class="input"
        data-first={props.first ? "" : undefined}
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        value={typed.value}
        onInput={input}
        onKeyDown={key}
      />
      <div class="options" role="listbox" id={`${id}-list`} aria-label={label} ref={list} tabIndex={-1}>
        {grouped(found).map(([group, members]) => (
          <div role="group" aria-label={group || label} key={group}>
            {group && <div class="label group" aria-hidden="true">{group}</div>}
            {members.map((item) => (
              <div
                role="option"
                key={item.id}
                id={`${id}-${item.id}`}
                aria-selected={item === active}
                aria-checked={props.chosen === undefined ? undefined : item.id === props.chosen}
                onMouseMove={() => move(found.indexOf(item))}
                onMouseDown={(event) => event.preventDefault()}
                onClick={(event) => onPick(item, event)}
              >
                <span class="grow clamp">{item.label}</span>
                {item.hint}
              </div>
            ))}
          </div>
        ))}
        {found.length === 0 && <p class="none">{none ?? say("nothing_found")}</p>}
      </div>
    </div>
  );
}

function grouped<T extends Option>(items: readonly T[]): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.group ?? "");
    if (group) group.push(item);
    else groups.set(item.group ?? "", [item]);
  }
  return [...groups];
}
