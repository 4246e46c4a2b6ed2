// Every sound of the desk, made here: no file, and none that touches the microphone's path. Only the offer repeats.
// In a call all of them are 18 dB softer, because they are then in the same ear as the customer.

import { signal } from "@preact/signals";
import { keep, kept } from "./keep";

export type Sound = "ring" | "tap-twice" | "tap" | "connect" | "tick" | "fall" | "rise";

export interface SoundSettings {
  /** 0 to 1. */
  readonly ring: number;
  /** 0 to 1: everything else. */
  readonly other: number;
  /** No sound: the screen's edge shows an offer instead. */
  readonly visual: boolean;
  /** The device that rings; empty: the machine's own choice. */
  readonly device: string;
}

export const soundSettings = signal<SoundSettings>({
  ring: 0.8, other: 0.5, visual: false, device: "",
  ...kept<Partial<SoundSettings>>("local", "sounds", {}),
});
/** Whether the browser lets us sound. It does after a click or a key. */
export const unlocked = signal(false);
/** Whether the agent speaks with somebody. */
export const inCall = signal(false);
/** What is sounding, for those who look: tests, and the visual mode. */
export const playing = signal<Sound | null>(null);

export function chooseSounds(change: Partial<SoundSettings>): void {
  soundSettings.value = { ...soundSettings.value, ...change };
  keep("local", "sounds", soundSettings.value);
  if (change.device !== undefined) void route();
}

let context: AudioContext | null = null;

/** Must be called from a click or a key: the browser plays nothing before. Returns whether sound works now. */
export async function unlock(): Promise<boolean> {
  context ??= new AudioContext({ latencyHint: "interactive" });
  context.onstatechange = () => {
    unlocked.value = context?.state === "running";
  };
  // Some browsers keep the promise open for ever when they refuse.
  await Promise.race([context.resume().catch(() => undefined), new Promise((done) => setTimeout(done, 1_000))]);
  unlocked.value = context.state === "running";
  await route();
  return unlocked.value;
}

async function route(): Promise<void> {
  const device = soundSettings.value.device;
  const sink = context as (AudioContext & { setSinkId?: (id: string) => Promise<void> }) | null;
  // A device that was unplugged must not silence the ring: the browser's own choice is used then.
  await sink?.setSinkId?.(device).catch(() => sink.setSinkId?.("").catch(() => undefined));
}

interface Note {
  readonly hertz: number;
  readonly at: number;
  readonly long: number;
  readonly loud: number;
}

/** Harmonics make a sound easier to tell and to place than a pure tone. */
const HARMONICS = [1, 0.45, 0.22, 0.1];
const ATTACK_S = 0.02;
export const IN_CALL_GAIN = 10 ** (-18 / 20);

const E5 = 659.26;
const GIS5 = 830.61;
const NOTES: Readonly<Record<Sound, readonly Note[]>> = {
  ring: [
    { hertz: E5, at: 0, long: 0.45, loud: 1 }, { hertz: GIS5, at: 0.15, long: 0.75, loud: 1 },
    { hertz: E5, at: 0.45, long: 0.3, loud: 0.7 }, { hertz: GIS5, at: 0.6, long: 0.3, loud: 0.7 },
  ],
  "tap-twice": [
    { hertz: E5 / 2, at: 0, long: 0.12, loud: 0.8 }, { hertz: GIS5 / 2, at: 0.16, long: 0.16, loud: 0.8 },
  ],
  tap: [{ hertz: E5 / 2, at: 0, long: 0.14, loud: 0.5 }],
  connect: [{ hertz: 1046.5, at: 0, long: 0.05, loud: 0.3 }],
  tick: [{ hertz: 392, at: 0, long: 0.08, loud: 0.35 }],
  fall: [{ hertz: GIS5, at: 0, long: 0.22, loud: 0.8 }, { hertz: E5 / 1.5, at: 0.2, long: 0.4, loud: 0.8 }],
  rise: [{ hertz: E5, at: 0, long: 0.16, loud: 0.6 }, { hertz: GIS5, at: 0.16, long: 0.26, loud: 0.6 }],
};

/** Sound once. `swell` is a share of the set volume. Returns what stops it at once. */
export function play(sound: Sound, swell = 1): () => void {
  const settings = soundSettings.value;
  if (context?.state !== "running" || settings.visual) return () => undefined;
  const out = context.createGain();
  out.gain.value = volume(sound, settings, inCall.value) * swell;
  out.connect(context.destination);
  const start = context.currentTime + 0.01;
  const notes = NOTES[sound].flatMap((note) =>
    HARMONICS.map((share, index) => strike(context as AudioContext, out, note, start, share, index + 1)),
  );
  playing.value = sound;
  const last = notes.reduce((later, each) => (each.end > later.end ? each : later));
  const done = (): void => {
    out.disconnect();
    if (playing.value === sound) playing.value = null;
  };
  last.node.onended = done;
  return () => {
    for (const { node } of notes) node.stop();
    done();
  };
}

/** How loud a sound is, 0 to 1, before its notes. */
export function volume(sound: Sound, settings: SoundSettings, call: boolean): number {
  return (sound === "ring" ? settings.ring : settings.other) * 0.35 * (call ? IN_CALL_GAIN : 1);
}

function strike(
  on: AudioContext, out: AudioNode, note: Note, start: number, share: number, harmonic: number,
): { node: OscillatorNode; end: number } {
  const node = on.createOscillator();
  const shape = on.createGain();
  const from = start + note.at;
  const end = from + note.long;
  node.frequency.value = note.hertz * harmonic;
  shape.gain.setValueAtTime(0, from);
  shape.gain.linearRampToValueAtTime(note.loud * share, from + ATTACK_S);
  shape.gain.exponentialRampToValueAtTime(0.001, end);
  node.connect(shape).connect(out);
  node.start(from);
  node.stop(end + 0.02);
  return { node, end };
}

export type Alert = "voice" | "text";

/** How loud the n-th ring is: it starts at 40 % and is whole at the fourth. */
export const swelling = (ring: number): number => Math.min(1, 0.4 + ring * 0.2);
export const RING_MS = 3_000;
export const TEXT_MS = 10_000;
const TEXT_TIMES = 3;

/** Sound an offer until it is stopped. The return value stops it, mid-note. */
export function alert(kind: Alert): () => void {
  let count = 0;
  let stop = (): void => undefined;
  const sound = (): void => {
    if (kind === "text" && count >= TEXT_TIMES) return;
    stop = play(kind === "voice" ? "ring" : "tap-twice", kind === "voice" ? swelling(count) : 1);
    count += 1;
  };
  sound();
  const timer = setInterval(sound, kind === "voice" ? RING_MS : TEXT_MS);
  return () => {
    clearInterval(timer);
    stop();
  };
}
