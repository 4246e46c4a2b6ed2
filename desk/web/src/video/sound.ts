// Where the others' voices come out, and what to do when the browser lets nothing sound before the page is touched.

import { signal } from "@preact/signals";

type Player = HTMLAudioElement & { setSinkId?: (device: string) => Promise<void> };

/** Voices that wait for a touch. */
export const blocked = signal<readonly HTMLAudioElement[]>([]);

/** Let it sound, or note that a touch is needed. */
export async function sound(player: HTMLAudioElement): Promise<void> {
  try {
    await player.play();
    silence(player);
  } catch (error) {
    // Any other fault is that of a voice which ended or was replaced meanwhile.
    const refused = error instanceof DOMException && error.name === "NotAllowedError";
    if (refused && !blocked.value.includes(player)) blocked.value = [...blocked.value, player];
  }
}

/** It is gone, or sounds: no touch is needed for it. */
export function silence(player: HTMLAudioElement): void {
  if (blocked.value.includes(player)) blocked.value = blocked.value.filter((each) => each !== player);
}

/** Called from a touch. */
export async function hear(): Promise<void> {
  await Promise.all(blocked.value.map(sound));
}

/** Let it come out of the chosen device, where the browser can; of the machine's own one if that is gone. */
export async function route(player: Player, device: string): Promise<void> {
  await player.setSinkId?.(device).catch(() => player.setSinkId?.("").catch(() => undefined));
}
