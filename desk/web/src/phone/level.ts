// How loud a stream is, for a meter: 0 to 1, ten times a second.

import { type ReadonlySignal, signal } from "@preact/signals";

const EVERY_MS = 100;
const QUIET_DB = -60;

export interface Loudness {
  readonly level: ReadonlySignal<number>;
  stop(): void;
}

export function loudness(stream: MediaStream): Loudness {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  void context.resume();
  const heard = new Float32Array(analyser.fftSize);
  const level = signal(0);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(heard);
    level.value = share(heard);
  }, EVERY_MS);
  return {
    level,
    stop: () => {
      clearInterval(timer);
      void context.close();
    },
  };
}

/** Loudness as a share of a meter: -60 dB is empty, 0 dB is full. */
export function share(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) sum += (samples[index] ?? 0) ** 2;
  const db = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.max(0, Math.min(1, 1 - db / QUIET_DB));
}
