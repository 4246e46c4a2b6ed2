// A tone in the device one talks with, to hear that the headset is the one that sounds.

import { chosen } from "../phone/devices";

const LONG_S = 1.2;
const HERTZ = 440;

/** Play it; true once it has sounded. */
export async function testTone(): Promise<boolean> {
  const context = new AudioContext();
  const device = chosen.value.speaker;
  const sink = context as AudioContext & { setSinkId?: (id: string) => Promise<void> };
  if (device) await sink.setSinkId?.(device).catch(() => undefined);
  if (context.state !== "running") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 1_000))]);
  const played = context.state === "running";
  if (played) {
    const tone = context.createOscillator();
    const gain = context.createGain();
    tone.frequency.value = HERTZ;
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(0.25, context.currentTime + 0.03);
    gain.gain.setValueAtTime(0.25, context.currentTime + LONG_S - 0.1);
    gain.gain.linearRampToValueAtTime(0, context.currentTime + LONG_S);
    tone.connect(gain).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + LONG_S);
    await new Promise((done) => {
      tone.onended = done;
    });
  }
  await context.close();
  return played;
}
