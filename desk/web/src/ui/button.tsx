import { useSignal } from "@preact/signals";
import type { ComponentChildren, Ref } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { shown, spokenKeys } from "../lib/keys";
import { Icon } from "./icon";
import type { IconName } from "./icons";

const SLOW_MS = 600;

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly kind?: "plain" | "primary" | "go" | "end" | "quiet";
  readonly size?: "small" | "normal" | "tall";
  readonly icon?: IconName;
  /** The name of a button that shows only an icon. */
  readonly name?: string;
  /** The key that does the same. */
  readonly keys?: string | undefined;
  /** Why it cannot be pressed now. It stays in the order of focus, and says so. */
  readonly reason?: string | null | undefined;
  /** A switch: whether it is on. */
  readonly pressed?: boolean;
  readonly wide?: boolean;
  readonly submit?: boolean;
  readonly expanded?: boolean;
  readonly popup?: "menu" | "dialog" | "listbox";
  readonly inner?: Ref<HTMLButtonElement>;
  readonly tabIndex?: number;
  readonly id?: string;
  /** Gets the focus when its sheet opens. */
  readonly first?: boolean;
  /** A promise keeps the button busy until it is settled, and deaf to a second press. */
  readonly onPress?: () => unknown;
}

export function Button(props: ButtonProps) {
  const { children, kind = "plain", size = "normal", icon, name, keys, reason, pressed, wide, submit } = props;
  const slow = useSignal(false);
  const busy = useRef(false);
  const gone = useRef(false);
  useEffect(() => () => {
    gone.current = true;
  }, []);

  const press = async (event: Event): Promise<void> => {
    if (reason || busy.current) {
      event.preventDefault();
      return;
    }
    const doing = props.onPress?.();
    if (!(doing instanceof Promise)) return;
    busy.current = true;
    const timer = setTimeout(() => {
      slow.value = true;
    }, SLOW_MS);
    try {
      await doing;
    } finally {
      clearTimeout(timer);
      busy.current = false;
      if (!gone.current) slow.value = false;
    }
  };

  const classes = ["button", kind, size, pressed ? "pressed" : "", wide ? "wide" : "", children === undefined ? "square" : ""];
  return (
    <button
      ref={props.inner ?? null}
      id={props.id}
      type={submit ? "submit" : "button"}
      class={classes.filter(Boolean).join(" ")}
      aria-label={name}
      aria-pressed={pressed}
      aria-disabled={reason ? true : undefined}
      aria-keyshortcuts={keys ? spokenKeys(keys) : undefined}
      aria-busy={slow.value || undefined}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      // Beside a name from the content, a title is the description: it is read after the name.
      title={reason ?? name}
      tabIndex={props.tabIndex}
      data-first={props.first ? "" : undefined}
      onClick={press}
    >
      {slow.value ? <span class="icon spinner" /> : icon && <Icon name={icon} />}
      {children}
      {keys && <kbd aria-hidden="true">{shown(keys)}</kbd>}
    </button>
  );
}
