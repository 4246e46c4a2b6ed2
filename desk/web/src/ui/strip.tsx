import type { ComponentChildren } from "preact";
import { Icon } from "./icon";
import type { IconName } from "./icons";

interface StripProps {
  readonly kind: "info" | "news" | "warning" | "failure";
  readonly icon?: IconName;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
}

const ICON: Readonly<Record<StripProps["kind"], IconName>> = {
  info: "info-circle", news: "speakerphone", warning: "alert-triangle", failure: "alert-triangle",
};

/** A sentence above the page with what can be done about it. It pushes the page down and takes no focus. */
export function Strip({ kind, icon, children, action }: StripProps) {
  return (
    <div class={`strip ${kind}`} role={kind === "failure" ? "alert" : "status"}>
      <Icon name={icon ?? ICON[kind]} />
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}
