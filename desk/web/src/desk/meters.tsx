import type { ReadonlySignal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Loudness, loudness } from "../phone/level";
import * as phone from "../phone/phone";
import { say } from "../text/desk";
import { Icon } from "../ui/icon";
import { StateChip } from "../ui/thread";

/** How loud a stream is, while there is one. */
export function useLoudness(stream: ReadonlySignal<MediaStream | null>): number {
  const running = useSignal<Loudness | null>(null);
  const current = stream.value;
  useEffect(() => {
    if (!current) return undefined;
    const started = loudness(current);
    running.value = started;
    return () => {
      started.stop();
      running.value = null;
    };
  }, [current]);
  return running.value?.level.value ?? 0;
}

/** Both directions, side by side. */
export function CallMeters() {
  return (
    <span class="call-meters" aria-hidden="true">
      <Bar stream={phone.remote} icon="volume" title={say("level_in")} />
      <Bar stream={phone.microphone} icon={phone.muted.value ? "microphone-off" : "microphone"} title={say("level_out")} />
    </span>
  );
}

function Bar({ stream, icon, title }: {
  readonly stream: ReadonlySignal<MediaStream | null>;
  readonly icon: "volume" | "microphone" | "microphone-off";
  readonly title: string;
}) {
  const level = useLoudness(stream);
  return (
    <span class="bar" title={title}>
      <Icon name={icon} />
      <span class="track"><span style={{ transform: `scaleX(${level})` }} /></span>
    </span>
  );
}

/** How the line sounds, in a word, and whose network it is. */
export function QualityChip() {
  const judged = phone.quality.value;
  if (!judged) return null;
  const state = { good: "good", fair: "near", bad: "over" } as const;
  return (
    <StateChip state={state[judged.quality]} icon={judged.quality === "bad" ? "wifi-off" : "wifi"}>
      {say(`quality_${judged.quality}`)}
      {judged.cause && `: ${say(`quality_${judged.cause}`)}`}
    </StateChip>
  );
}
