// What the page does by itself while somebody waits and when it is their turn: music, a bell, the screen kept awake, the
// title of the tab, and what is said when an officer was lost.

import { computed, effect, signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { keep, kept } from "../lib/keep";
import { say } from "../text/visit";
import { stayAwake } from "./awake";
import { music } from "./music";
import { type Screen, call, screen } from "./visit";

const MUSIC = "visit.music";
/** Two short pulses, where the device can. */
const PULSES_MS = [200, 120, 200];

export const musical = signal(kept<boolean>("session", MUSIC, true));
/** Why the visitor is in the line again: the officer was lost, or passed the visitor on. */
export const returned = signal<"lost" | "passed" | null>(null);

/** What stands in the title of the tab before the service's name. */
export const titleWords = computed(() => {
  const place = call.value?.state.value?.position;
  if (screen.value === "call") return say("title_answered");
  return screen.value === "waiting" && place ? say("title_place", { place }) : "";
});

/** Called from a touch. */
export function playMusic(on: boolean): void {
  musical.value = on;
  keep("session", MUSIC, on);
  if (on) music.wake();
}

/** Whether the officer was here when last heard of. */
function officerHere(): boolean {
  return call.value?.state.value?.people.some((person) => person.side === "agent" && person.here) ?? false;
}

function accepted(): void {
  music.chime();
  navigator.vibrate?.(PULSES_MS);
}

/** Begin to do all that. Called once. */
export function watchMoments(): void {
  effect(() => {
    if (screen.value === "waiting" && musical.value) music.play();
    else music.stop();
    if (screen.value === "done") music.close();
  });

  let before: Screen = "loading";
  let here = false;
  effect(() => {
    const at = screen.value;
    if (at === "call") here = officerHere();
    if (at === before) return;
    if (at === "call" && before === "waiting") accepted();
    if (at === "waiting" && before === "call") {
      returned.value = here ? "passed" : "lost";
      announce(say(`returned_${returned.value}`), true);
    } else returned.value = null;
    before = at;
  });

  stayAwake(computed(() => screen.value === "waiting" || screen.value === "call"));
}
