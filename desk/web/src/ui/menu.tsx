import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface MenuProps {
  /** The button it belongs to: it stands below, and gets the focus back. */
  readonly anchor: { readonly current: HTMLElement | null };
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A list of things to do. Arrows move, Escape and a click elsewhere close it. */
export function Menu({ anchor, label, onClose, children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  const items = (): HTMLElement[] => [...(menu.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];

  useEffect(() => {
    const element = menu.current;
    const button = anchor.current;
    if (!element || !button) return undefined;
    const place = button.getBoundingClientRect();
    element.showPopover();
    element.style.top = `${Math.min(place.bottom + 4, innerHeight - element.offsetHeight - 8)}px`;
    element.style.left = `${Math.max(8, Math.min(place.left, innerWidth - element.offsetWidth - 8))}px`;
    (items().find((item) => item.getAttribute("aria-checked") === "true") ?? items()[0])?.focus();
    return () => {
      if (element.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    };
  }, []);

  const key = (event: KeyboardEvent): void => {
    const all = items();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[to % all.length]?.focus();
    else if (event.key === "Escape") onClose();
    else if (event.key === "Tab") {
      onClose();
      return;
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const toggled = (event: { readonly newState: string }): void => {
    if (event.newState === "closed") onClose();
  };

  return (
    <div ref={menu} class="menu" role="menu" aria-label={label} popover="auto" onKeyDown={key} onToggle={toggled}>
      {children}
    </div>
  );
}

interface ItemProps {
  readonly children: ComponentChildren;
  readonly checked?: boolean;
  readonly onPick: () => void;
}

export function MenuItem({ children, checked, onPick }: ItemProps) {
  return (
    <button
      type="button"
      role={checked === undefined ? "menuitem" : "menuitemradio"}
      aria-checked={checked}
      tabIndex={-1}
      onClick={onPick}
    >
      {children}
    </button>
  );
}
