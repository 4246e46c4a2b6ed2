// The person's own camera and microphone: asked for once, switched without asking again, and what to say if there is none.

import { signal } from "@preact/signals";

export type MediaFault = "denied" | "missing" | "busy" | "insecure" | "in_app" | "other";

export class NoMedia extends Error {
  constructor(readonly fault: MediaFault) {
    super(fault);
    this.name = "NoMedia";
  }
}

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 }, facingMode: "user" };

/** Browsers inside other apps have no camera to give. */
export function inApp(agent: string): boolean {
  return /\b(FBAN|FBAV|Instagram|WhatsApp|Line\/|MicroMessenger|TikTok)/i.test(agent);
}

export function mediaFault(error: unknown): MediaFault {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "other";
}

/** Camera and microphone of one person, as tracks that are swapped under a connection that stays. */
export class LocalMedia {
  readonly stream = signal<MediaStream | null>(null);
  readonly microphone = signal(false);
  readonly camera = signal(false);
  readonly screen = signal<MediaStreamTrack | null>(null);

  /** Called when a track came or went. */
  onChange: () => void = () => undefined;

  get canShare(): boolean {
    return typeof navigator.mediaDevices?.getDisplayMedia === "function";
  }

  /** Ask for microphone and, if wanted, camera. Raises NoMedia. A missing camera is no reason to be silent. */
  async open(wantCamera: boolean): Promise<void> {
    if (!navigator.mediaDevices || typeof RTCPeerConnection === "undefined") {
      throw new NoMedia(inApp(navigator.userAgent) ? "in_app" : "insecure");
    }
    this.close();
    try {
      this.stream.value = await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: wantCamera && PICTURE });
    } catch (error) {
      const fault = mediaFault(error);
      throw new NoMedia(fault === "denied" && inApp(navigator.userAgent) ? "in_app" : fault);
    }
    for (const track of this.stream.value.getTracks()) track.addEventListener("ended", () => this.lost(track));
    this.microphone.value = this.track("audio") !== null;
    this.camera.value = this.track("video") !== null;
    this.onChange();
  }

  track(kind: "audio" | "video"): MediaStreamTrack | null {
    return this.stream.value?.getTracks().find((track) => track.kind === kind && track.readyState === "live") ?? null;
  }

  switchMicrophone(on: boolean): void {
    const track = this.track("audio");
    if (track) track.enabled = on;
    this.microphone.value = on && track !== null;
    this.onChange();
  }

  /** Switch the camera. Off gives it back, so that its light goes out. Raises NoMedia. */
  async switchCamera(on: boolean): Promise<void> {
    const stream = this.stream.value;
    if (!stream || on === this.camera.value) return;
    if (on) {
      try {
        const fresh = await navigator.mediaDevices.getUserMedia({ video: PICTURE });
        for (const track of fresh.getVideoTracks()) {
          track.addEventListener("ended", () => this.lost(track));
          stream.addTrack(track);
        }
      } catch (error) {
        throw new NoMedia(mediaFault(error));
      }
    } else {
      for (const track of stream.getVideoTracks()) {
        track.stop();
        stream.removeTrack(track);
      }
    }
    this.camera.value = this.track("video") !== null;
    this.onChange();
  }

  /** Share the screen; false where the person thought better of it. */
  async share(): Promise<boolean> {
    try {
      const shared = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { max: 15 } }, audio: false });
      const track = shared.getVideoTracks()[0];
      if (!track) return false;
      track.contentHint = "detail";
      track.addEventListener("ended", () => this.unshare());
      this.screen.value = track;
      this.onChange();
      return true;
    } catch {
      return false;
    }
  }

  unshare(): void {
    this.screen.value?.stop();
    this.screen.value = null;
    this.onChange();
  }

  close(): void {
    for (const track of this.stream.value?.getTracks() ?? []) track.stop();
    this.stream.value = null;
    this.microphone.value = this.camera.value = false;
    this.screen.value?.stop();
    this.screen.value = null;
  }

  private lost(track: MediaStreamTrack): void {
    if (track.kind === "audio") this.microphone.value = false;
    else this.camera.value = this.track("video") !== null;
    this.onChange();
  }
}
