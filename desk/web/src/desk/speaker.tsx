import { useEffect, useRef } from "preact/hooks";
import { chosen } from "../phone/devices";
import * as phone from "../phone/phone";
import { unlocked } from "../lib/sounds";

/** Where the caller's voice comes out: the device one talks with, not the one that rings. */
export function Speaker() {
  const audio = useRef<HTMLAudioElement>(null);
  const stream = phone.remote.value;
  const device = chosen.value.speaker;
  const free = unlocked.value;
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = stream;
    // Refused until the page was touched; the strip asks for a key, and then it is tried again.
    if (stream) void element.play().catch(() => undefined);
  }, [stream, free]);
  useEffect(() => {
    const element = audio.current as (HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }) | null;
    void element?.setSinkId?.(device).catch(() => undefined);
  }, [device]);
  return <audio ref={audio} data-remote />;
}
