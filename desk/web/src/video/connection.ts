// The media of a call: one connection to the forwarding unit. Places for everybody are made at once, so that people
// and screens come and go without a new offer.

import { signal } from "@preact/signals";
import type { LocalMedia } from "./media";
import type { Shown, StreamLabel } from "./messages";

export type Media = "off" | "connecting" | "up" | "lost";

const SLOTS = { audio: 5, video: 4 };
const CAMERA_BPS = 900_000;
const SCREEN_BPS = 1_800_000;

/** What the connection has to say to the server. */
export interface Signalling {
  join(sdp: string, labels: Readonly<Record<string, StreamLabel>>): void;
  renew(sdp: string, labels: Readonly<Record<string, StreamLabel>>): void;
}

export class Connection {
  readonly media = signal<Media>("off");
  /** What is received, by section. */
  readonly tracks = signal<ReadonlyMap<string, MediaStream>>(new Map());
  readonly shown = signal<readonly Shown[]>([]);

  peer: RTCPeerConnection | null = null;
  /** Ways in from closed networks, as the last invitation gave them. */
  servers: readonly RTCIceServer[] = [];
  private senders: Partial<Record<StreamLabel, RTCRtpTransceiver>> = {};
  /** How the offer that waits for its answer has to be sent. */
  private pending: keyof Signalling | null = null;
  private restartWanted = false;

  constructor(
    private readonly local: LocalMedia,
    private readonly server: Signalling,
  ) {}

  /** Connect (anew). `listen` receives only. */
  async join(listen: boolean): Promise<void> {
    this.close();
    this.media.value = "connecting";
    const peer = new RTCPeerConnection({ iceServers: [...this.servers], bundlePolicy: "max-bundle" });
    this.peer = peer;
    if (!listen) {
      this.senders = {
        microphone: peer.addTransceiver("audio", { direction: "sendonly" }),
        camera: peer.addTransceiver("video", { direction: "sendonly", sendEncodings: [{ maxBitrate: CAMERA_BPS }] }),
        screen: peer.addTransceiver("video", { direction: "sendonly", sendEncodings: [{ maxBitrate: SCREEN_BPS }] }),
      };
    }
    for (const kind of ["audio", "video"] as const) {
      for (let slot = 0; slot < SLOTS[kind]; slot += 1) peer.addTransceiver(kind, { direction: "recvonly" });
    }
    peer.ontrack = ({ track, transceiver }) => {
      if (peer !== this.peer || transceiver.mid === null) return;
      this.tracks.value = new Map(this.tracks.value).set(transceiver.mid, new MediaStream([track]));
    };
    peer.onconnectionstatechange = () => this.changed(peer);
    await this.place();
    await peer.setLocalDescription();
    if (peer !== this.peer) return;
    this.pending = "join";
    this.ask();
  }

  /** Send the offer that has no answer yet, if there is one: also when the line is there again, for it may be lost. */
  ask(): void {
    if (this.pending) this.server[this.pending](this.peer?.localDescription?.sdp ?? "", this.labels());
  }

  /** Take the server's answer to the last offer. */
  async answered(sdp: string, shown: readonly Shown[]): Promise<void> {
    const peer = this.peer;
    if (!peer || peer.signalingState !== "have-local-offer") return;
    // At once: whoever comes while the answer is being taken changes this, and must not be forgotten after it.
    this.shown.value = shown;
    await peer.setRemoteDescription({ type: "answer", sdp });
    this.pending = null;
    if (this.restartWanted) void this.restart();
  }

  /** Put the person's tracks, as they are now, on their way. */
  async place(): Promise<void> {
    const { microphone, camera, screen } = this.senders;
    await Promise.all([
      microphone?.sender.replaceTrack(this.local.track("audio")),
      camera?.sender.replaceTrack(this.local.camera.value ? this.local.track("video") : null),
      screen?.sender.replaceTrack(this.local.screen.value),
    ]);
  }

  /** Find a new way to the server: the network changed. Picture and sound go on as soon as there is one. */
  async restart(): Promise<void> {
    const peer = this.peer;
    if (!peer || peer.connectionState === "closed") return;
    if (this.pending) {
      this.restartWanted = true;
      return;
    }
    this.restartWanted = false;
    peer.restartIce();
    await peer.setLocalDescription();
    if (peer !== this.peer) return;
    this.pending = "renew";
    this.ask();
  }

  close(): void {
    const peer = this.peer;
    this.peer = null;
    this.senders = {};
    this.pending = null;
    this.restartWanted = false;
    this.tracks.value = new Map();
    this.shown.value = [];
    this.media.value = "off";
    if (peer) {
      peer.ontrack = peer.onconnectionstatechange = null;
      peer.close();
    }
  }

  private changed(peer: RTCPeerConnection): void {
    if (peer !== this.peer) return;
    if (peer.connectionState === "connected") this.media.value = "up";
    if (peer.connectionState === "disconnected" || peer.connectionState === "failed") this.media.value = "lost";
  }

  private labels(): Record<string, StreamLabel> {
    const labels: Record<string, StreamLabel> = {};
    for (const [label, transceiver] of Object.entries(this.senders)) {
      if (transceiver.mid !== null) labels[transceiver.mid] = label as StreamLabel;
    }
    return labels;
  }
}
