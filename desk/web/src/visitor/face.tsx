import { useEffect, useRef } from "preact/hooks";
import { chosen } from "../phone/devices";
import { route, silence, sound } from "../video/sound";

interface FaceProps {
  readonly stream: MediaStream | null;
  readonly name: string;
  /** One's own picture is shown as in a mirror. */
  readonly mirrored?: boolean;
  /** A screen is shown whole, a face fills its place. */
  readonly whole?: boolean;
}

/** A moving picture. Its sound, if it has one, is another element's matter. */
export function Face({ stream, name, mirrored, whole }: FaceProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video || video.srcObject === stream) return;
    video.srcObject = stream;
    void video.play().catch(() => undefined);
  }, [stream]);
  return (
    <video
      ref={element} class={`face${mirrored ? " mirrored" : ""}${whole ? " whole" : ""}`}
      autoplay playsinline muted aria-label={name}
    />
  );
}

/** Somebody's sound, out of the device that was chosen. */
export function Voice({ stream }: { readonly stream: MediaStream }) {
  const element = useRef<HTMLAudioElement>(null);
  const device = chosen.value.speaker;
  useEffect(() => {
    const audio = element.current;
    if (!audio) return;
    if (audio.srcObject !== stream) {
      audio.srcObject = stream;
      void sound(audio);
    }
    return () => silence(audio);
  }, [stream]);
  useEffect(() => {
    if (element.current) void route(element.current, device);
  }, [device]);
  return <audio ref={element} autoplay />;
}
