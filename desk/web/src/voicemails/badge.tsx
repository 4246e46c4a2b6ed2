import { now } from "../lib/clock";
import { number } from "../lib/format";
import { waitingVoicemails } from "../lib/voicemails";
import { say } from "../text/voicemail";

/** What a link to the list is called: how many wait, and whether one of them is overdue. */
export function badgeName(): string {
  const waiting = waitingVoicemails.value;
  if (waiting === null || (waiting.count === 0 && !isLate())) return say("voicemail");
  return say(isLate() ? "badge_late" : "badge", { count: number(waiting.count) });
}

function isLate(): boolean {
  const due = waitingVoicemails.value?.due ?? null;
  return due !== null && due < now.value;
}

/** How many wait, with a mark beside the number where one is overdue. */
export function Badge() {
  const waiting = waitingVoicemails.value;
  if (waiting === null || (waiting.count === 0 && !isLate())) return null;
  return (
    <span class={`badge${isLate() ? " over" : ""}`} aria-hidden="true">
      {number(waiting.count)}{isLate() && " ▲"}
    </span>
  );
}
