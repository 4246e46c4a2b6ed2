// What a visitor hears from the page itself: four slow chords while waiting, made here, soft, without a beat and silent
// at a touch; and two bells when somebody accepts, because whoever waited may be looking elsewhere.

import { signal } from "@preact/signals";

const CHORDS = [
  [220, 277.18, 329.63, 415.3],
  [196, 246.94, 293.66, 369.99],
  [174.61, 220, 261.63, 349.23],
  [196, 246.94, 293.66, 392],
] as const;
const BELLS = [659.26, 830.61] as const;
const BAR_S = 4.8;
const LOUD = 0.05;
const BELL_LOUD = 0.16;
const FADE_S = 0.2;

export class Music {
  /** Whether the browser lets the page sound. It does after a touch, and a reload takes it away. */
  readonly free = signal(false);
  private context: AudioContext | null = null;
  private bus: GainNode | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private bar = 0;

  /** Ask the browser to let the page sound: from a touch or a key it does. */
  wake(): AudioContext {
    const context = (this.context ??= this.made());
    void context.resume().catch(() => undefined);
    return context;
  }

  play(): void {
    this.stop();
    const context = this.wake();
    this.bus = new GainNode(context);
    this.bus.connect(context.destination);
    this.next(context, this.bus);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const [context, bus] = [this.context, this.bus];
    this.bus = null;
    if (!context || !bus) return;
    bus.gain.setTargetAtTime(0, context.currentTime, FADE_S / 4);
    setTimeout(() => bus.disconnect(), FADE_S * 1_000);
  }

  /** Somebody has accepted. */
  chime(): void {
    const context = this.wake();
    if (context.state !== "running") return;
    BELLS.forEach((hertz, index) => bell(context, hertz, context.currentTime + index * 0.22));
  }

  close(): void {
    this.stop();
    void this.context?.close();
    this.context = null;
    this.free.value = false;
  }

  private made(): AudioContext {
    const context = new AudioContext();
    context.onstatechange = () => {
      if (context === this.context) this.free.value = context.state === "running";
    };
    this.free.value = context.state === "running";
    return context;
  }

  private next(context: AudioContext, bus: GainNode): void {
    // A browser that is not to sound yet keeps its clock standing: the chords of an hour would then come at once.
    if (context.state === "running") {
      const chord = CHORDS[this.bar % CHORDS.length] ?? CHORDS[0];
      this.bar += 1;
      chord.forEach((hertz, index) => note(context, bus, hertz, context.currentTime + index * 0.55));
    }
    this.timer = setTimeout(() => this.next(context, bus), context.state === "running" ? BAR_S * 1_000 : FADE_S * 1_000);
  }
}

function note(context: AudioContext, bus: AudioNode, hertz: number, at: number): void {
  const loud = sounding(context, bus, { type: "triangle", frequency: hertz }, at, BAR_S);
  loud.gain.linearRampToValueAtTime(LOUD, at + 0.5);
  loud.gain.exponentialRampToValueAtTime(0.0005, at + BAR_S);
}

function bell(context: AudioContext, hertz: number, at: number): void {
  const loud = sounding(context, context.destination, { type: "sine", frequency: hertz }, at, 0.9);
  loud.gain.linearRampToValueAtTime(BELL_LOUD, at + 0.02);
  loud.gain.exponentialRampToValueAtTime(0.0005, at + 0.9);
}

function sounding(context: AudioContext, into: AudioNode, tone: OscillatorOptions, at: number, long: number): GainNode {
  const source = new OscillatorNode(context, tone);
  const loud = new GainNode(context, { gain: 0 });
  loud.gain.setValueAtTime(0, at);
  source.connect(loud).connect(into);
  source.start(at);
  source.stop(at + long + 0.1);
  return loud;
}

/** The page's own. */
export const music = new Music();
