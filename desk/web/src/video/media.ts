// The person's own camera and microphone: asked for once, switched without asking again, and what to say if there is none.

import { signal } from "@preact/signals";
import { keep, kept } from "../lib/keep";
import { chosen } from "../phone/devices";

export type MediaFault = "denied" | "missing" | "busy" | "insecure" | "in_app" | "other";

export class NoMedia extends Error {
  constructor(readonly fault: MediaFault) {
    super(fault);
    this.name = "NoMedia";
  }
}

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 } };

/** What the person wants to be on, and in which call: it outlives a reload of the page, and ends with the call. */
interface Wish {
  readonly call: string;
  readonly microphone: boolean;
  readonly camera: boolean;
}

const ALL: Wish = { call: "", microphone: true, camera: true };
const KEPT = "media";

/** What is not on although it is wanted, and why. `ended`: it was unplugged, or taken away. */
export interface Trouble {
  readonly device: "microphone" | "camera";
  readonly fault: MediaFault | "ended";
}

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
  readonly trouble = signal<Trouble | null>(null);

  /** Called when a track came or went. */
  onChange: () => void = () => undefined;
  private wish = ALL;
  /** How often everything was given back: what was asked for before that is no longer wanted when it comes. */
  private shuts = 0;

  get canShare(): boolean {
    return typeof navigator.mediaDevices?.getDisplayMedia === "function";
  }

  /** Whether the camera looks at the person, who then expects a mirror; one on a telephone's back does not. */
  get facesMe(): boolean {
    return this.track("video")?.getSettings().facingMode !== "environment";
  }

  /** Keep what is on and off for this call. If it was kept before a reload, that holds from the next opening on. */
  remember(call: string): void {
    const before = kept<Wish | null>("session", KEPT, null);
    this.want(before?.call === call ? before : { ...this.wish, call });
  }

  /** Ask for microphone and, if wanted, camera. Raises NoMedia. */
  async open(wantCamera: boolean): Promise<void> {
    this.want({ ...this.wish, camera: wantCamera });
    await this.reopen();
  }

  /** Open what is wanted, or for now without the camera. Raises NoMedia. */
  async reopen(camera = this.wish.camera): Promise<void> {
    // The old devices first: a telephone opens one camera at a time. What is shown of them stays until the new ones come.
    this.stop();
    const before = this.shuts;
    try {
      await this.ask({ audio: sound(), video: camera && picture() });
    } catch (error) {
      if (before === this.shuts) this.shut();
      throw error;
    }
  }

  track(kind: "audio" | "video"): MediaStreamTrack | null {
    return this.stream.value?.getTracks().find((track) => track.kind === kind && track.readyState === "live") ?? null;
  }

  /** Switch the microphone; one that went away, or was never asked for, is asked for. Raises NoMedia. */
  async switchMicrophone(on: boolean): Promise<void> {
    this.want({ ...this.wish, microphone: on });
    const track = this.track("audio");
    if (on && !track) {
      await this.add("microphone", { audio: sound() });
      return;
    }
    if (track) track.enabled = on;
    this.changed();
  }

  /** Go over to the microphone that was chosen meanwhile; one that is off stays off. Raises NoMedia. */
  async changeMicrophone(): Promise<void> {
    const [stream, old] = [this.stream.value, this.track("audio")];
    if (!stream || !old) return;
    old.stop();
    stream.removeTrack(old);
    await this.add("microphone", { audio: sound() });
  }

  /** Switch the camera. Off gives it back, so that its light goes out. Raises NoMedia. */
  async switchCamera(on: boolean): Promise<void> {
    this.want({ ...this.wish, camera: on });
    if (on === this.camera.value) return;
    if (on) {
      await this.add("camera", { video: picture() });
      return;
    }
    for (const track of this.stream.value?.getVideoTracks() ?? []) {
      track.stop();
      this.stream.value?.removeTrack(track);
    }
    this.changed();
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

  /** Give everything back, and forget what was wanted. */
  close(): void {
    this.shut();
    this.want(ALL);
  }

  private want(wish: Wish): void {
    this.wish = wish;
    if (wish.call) keep("session", KEPT, wish);
  }

  private stop(): void {
    this.shuts += 1;
    for (const track of this.stream.value?.getTracks() ?? []) track.stop();
  }

  private shut(): void {
    this.stop();
    this.stream.value = null;
    this.microphone.value = this.camera.value = false;
    this.trouble.value = null;
    this.screen.value?.stop();
    this.screen.value = null;
  }

  private async add(device: Trouble["device"], wanted: MediaStreamConstraints): Promise<void> {
    try {
      await this.ask(wanted);
    } catch (error) {
      if (error instanceof NoMedia) this.trouble.value = { device, fault: error.fault };
      throw error;
    }
  }

  /** Ask, and take in what comes. A microphone that is to be off is so before anything can carry it. */
  private async ask(wanted: MediaStreamConstraints): Promise<void> {
    const before = this.shuts;
    const fresh = await asked(wanted);
    if (before !== this.shuts) {
      for (const track of fresh.getTracks()) track.stop();
      return;
    }
    for (const track of fresh.getTracks()) {
      if (track.kind === "audio") track.enabled = this.wish.microphone;
      track.addEventListener("ended", () => this.lost(track));
    }
    const stream = this.stream.value;
    if (stream?.getTracks().some((track) => track.readyState === "live")) {
      for (const track of fresh.getTracks()) stream.addTrack(track);
    } else this.stream.value = fresh;
    this.trouble.value = null;
    this.changed();
  }

  private changed(): void {
    this.microphone.value = this.track("audio")?.enabled ?? false;
    this.camera.value = this.track("video") !== null;
    this.onChange();
  }

  private lost(track: MediaStreamTrack): void {
    const stream = this.stream.value;
    if (!stream?.getTracks().includes(track)) return;
    stream.removeTrack(track);
    this.trouble.value = { device: track.kind === "audio" ? "microphone" : "camera", fault: "ended" };
    this.changed();
  }
}

function sound(): MediaTrackConstraints {
  return { ...SOUND, ...preferred(chosen.value.microphone) };
}

function picture(): MediaTrackConstraints {
  const device = chosen.value.camera;
  return device ? { ...PICTURE, ...preferred(device) } : { ...PICTURE, facingMode: "user" };
}

/** A chosen device that is not there now must not leave the person without any. */
function preferred(device: string): MediaTrackConstraints {
  return device ? { deviceId: { ideal: device } } : {};
}

async function asked(wanted: MediaStreamConstraints): Promise<MediaStream> {
  if (!navigator.mediaDevices || typeof RTCPeerConnection === "undefined") {
    throw new NoMedia(inApp(navigator.userAgent) ? "in_app" : "insecure");
  }
  try {
    return await navigator.mediaDevices.getUserMedia(wanted);
  } catch (error) {
    const fault = mediaFault(error);
    throw new NoMedia(fault === "denied" && inApp(navigator.userAgent) ? "in_app" : fault);
  }
}
