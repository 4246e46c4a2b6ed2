// Notes that leaders send to all desks: a strip until it is dismissed.

import { signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { leave } from "../lib/session";
import { play } from "../lib/sounds";
import { onNotice } from "../lib/views";
import { say } from "../text/desk";

export const notice = signal<{ readonly by: string; readonly text: string } | null>(null);

export function watchNotices(): void {
  onNotice((each) => {
    if (each.kind === "signed_out") leave();
    if (each.kind !== "note") return;
    notice.value = { by: each.by ?? "", text: each.text ?? "" };
    announce(`${say("broadcast", { by: each.by ?? "" })}: ${each.text ?? ""}`, each.urgent ?? false);
    if (each.urgent) play("tap");
  });
}
