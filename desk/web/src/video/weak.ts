// Whether a visitor's network is too weak for pictures: judged from the sound, which has to get through.

import { signal } from "@preact/signals";
import { type Quality, type Sample, judge, sample } from "../phone/quality";
import type { Connection } from "./connection";

const LOOK_MS = 3_000;
/** So many looks in a row have to say the same, or the notice would flicker. */
const STEADY = 2;

/** What to say after a further look: weak after two bad ones, not any more after two that are not. */
export class Weakness {
  weak = false;
  private bad = 0;
  private fine = 0;

  look(quality: Quality): boolean {
    this.bad = quality === "bad" ? this.bad + 1 : 0;
    this.fine = quality === "bad" ? 0 : this.fine + 1;
    if (this.bad >= STEADY) this.weak = true;
    if (this.fine >= STEADY) this.weak = false;
    return this.weak;
  }
}

export class NetworkWatch {
  readonly weak = signal(false);
  private readonly timer: ReturnType<typeof setInterval>;
  private judged = new Weakness();
  private before: { readonly peer: RTCPeerConnection; readonly sample: Sample } | null = null;

  constructor(private readonly connection: Connection) {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const peer = this.connection.peer;
    if (!peer || this.connection.media.value !== "up") {
      // A new connection is judged anew; one that is lost is said to be so elsewhere.
      this.before = null;
      this.judged = new Weakness();
      this.weak.value = false;
      return;
    }
    const after = await sample(peer, Date.now());
    const before = this.before;
    this.before = { peer, sample: after };
    if (before?.peer !== peer) return;
    const judgement = judge(before.sample, after);
    if (judgement) this.weak.value = this.judged.look(judgement.quality);
  }
}
