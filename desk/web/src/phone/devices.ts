// Microphones, loudspeakers and cameras: which there are, which are chosen, and what to do when one goes away.

import { signal } from "@preact/signals";
import { keep, kept } from "../lib/keep";

export interface Choice {
  readonly microphone: string;
  readonly speaker: string;
  readonly camera: string;
}

/** What the person chose; an empty id is the machine's own choice. */
export const chosen = signal<Choice>({
  microphone: "", speaker: "", camera: "", ...kept<Partial<Choice>>("local", "devices", {}),
});
export const devices = signal<readonly MediaDeviceInfo[]>([]);

/** Why there is no microphone. */
export type MicrophoneFault = "denied" | "missing" | "busy" | "insecure" | "other";

export class NoMicrophone extends Error {
  constructor(readonly fault: MicrophoneFault) {
    super(fault);
  }
}

export function choose(change: Partial<Choice>): void {
  chosen.value = { ...chosen.value, ...change };
  keep("local", "devices", chosen.value);
}

export async function lookForDevices(): Promise<void> {
  devices.value = await (navigator.mediaDevices?.enumerateDevices() ?? Promise.resolve([]));
}

/** Open the chosen microphone, or another one if it is gone. Raises NoMicrophone. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new NoMicrophone("insecure");
  const wanted = chosen.value.microphone;
  const treated = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  try {
    if (wanted) {
      const exactly = { audio: { ...treated, deviceId: { exact: wanted } } };
      const stream = await navigator.mediaDevices.getUserMedia(exactly).catch((error: unknown) => {
        if (faultOf(error) === "missing") return null;
        throw error;
      });
      if (stream) return stream;
    }
    return await navigator.mediaDevices.getUserMedia({ audio: treated });
  } catch (error) {
    throw new NoMicrophone(faultOf(error));
  }
}

export function faultOf(error: unknown): MicrophoneFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "other";
}

export function shut(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
