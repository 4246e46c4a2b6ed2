// The desk's connection to the server.

import { effect } from "@preact/signals";
import { announce } from "../lib/announce";
import { Link } from "../lib/live";
import { leave } from "../lib/session";
import { play } from "../lib/sounds";
import { take } from "../lib/views";
import { say as common } from "../text/common";

export const link = new Link({ topics: ["desk", "centre", "queues", "colleagues"], take });

export const isDown = (): boolean => link.state.value.is === "lost";

/** Connect, and notice the network coming and going before the connection does. */
export function startLink(): void {
  link.start();
  addEventListener("offline", () => link.cut());
  addEventListener("online", () => link.hurry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") link.hurry();
  });
  let before = link.state.value.is;
  effect(() => {
    const state = link.state.value;
    if (state.is === before) return;
    if (state.is === "lost" && before === "up") {
      play("fall");
      announce(common("disconnected"));
    } else if (state.is === "up" && before === "lost") {
      play("rise");
      announce(common("connected"));
    } else if (state.is === "over" && state.why === "signed_out") {
      leave();
    }
    before = state.is;
  });
}
