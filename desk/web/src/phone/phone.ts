// The browser's telephone: one registration, one call at a time. It rings, is answered, is muted; everything else (hold,
// transfer, conference) happens at the server, where the customer is.

import { signal } from "@preact/signals";
import { UA, WebSocketInterface, debug } from "jssip";
import type { RTCSession } from "jssip/lib/RTCSession";
import type { IncomingRTCSessionEvent, RTCSessionEvent } from "jssip/lib/UA";
import type { PhoneAccount } from "../lib/model";
import { type Choice, NoMicrophone, chosen, openMicrophone, shut } from "./devices";
import { type Judgement, type Sample, judge, sample } from "./quality";

export type LineState = "off" | "connecting" | "ready" | "lost" | "refused";
export type CallState = "ringing" | "answering" | "up";

/** Long enough for one candidate, short enough to answer at once where a network hides some. */
const GATHERING_MS = 1_500;
const QUALITY_MS = 2_000;
const REGISTRATION_S = 60;

debug.disable();

/** The line to the registrar. */
export const line = signal<LineState>("off");
/** The call there is, if any. */
export const call = signal<CallState | null>(null);
/** The wish to be unheard. It outlives a change of device, and is true before a new microphone is attached. */
export const muted = signal(false);
export const quality = signal<Judgement | null>(null);
/** What is sent and what is heard, for meters. */
export const microphone = signal<MediaStream | null>(null);
export const remote = signal<MediaStream | null>(null);
/** Whether the way of the sound is cut: nobody hears anybody, though the call goes on. */
export const severed = signal(false);
/** Whether that way will not come back by itself. A new one inside the call leaves the agent deaf (seen with
 * Asterisk 22), so the call has to be taken anew: recovery.ts. */
export const dead = signal(false);
/** The last thing that went wrong with the microphone. */
export const fault = signal<NoMicrophone["fault"] | null>(null);

let ua: UA | null = null;
let session: RTCSession | null = null;
let expecting = 0;
let measuring: ReturnType<typeof setInterval> | undefined;

export function startPhone(account: PhoneAccount): void {
  stopPhone();
  line.value = "connecting";
  ua = new UA({
    sockets: [new WebSocketInterface(account.url)],
    uri: account.uri,
    authorization_user: account.user,
    password: account.password,
    realm: account.realm,
    register: true,
    register_expires: REGISTRATION_S,
    session_timers: false,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 8,
    user_agent: "Sambung desk",
  });
  ua.on("registered", registered);
  ua.on("registrationFailed", ({ response }) => {
    line.value = response && response.status_code < 500 ? "refused" : "lost";
  });
  ua.on("disconnected", () => {
    line.value = "lost";
  });
  ua.on("newRTCSession", (event: RTCSessionEvent) => {
    if (event.originator === "remote") ringing(event as IncomingRTCSessionEvent);
  });
  ua.start();
}

export function stopPhone(): void {
  ua?.removeAllListeners();
  ua?.stop();
  ua = null;
  line.value = "off";
  over();
}

function registered(): void {
  line.value = "ready";
  const connection = session?.connection;
  if (call.value !== "up" || !connection) return;
  // The way to us is a new one, so the far side has to hear of it.
  if (!dead.value) session?.renegotiate();
}

function isBroken(connection: RTCPeerConnection): boolean {
  return connection.iceConnectionState === "disconnected" || connection.iceConnectionState === "failed";
}

/** The next call within so many ms was asked for here: it is answered without ringing. */
export function expect(ms: number): void {
  expecting = Date.now() + ms;
  if (call.value === "ringing") void answer();
}

export function expectNothing(): void {
  expecting = 0;
}

function ringing({ session: incoming }: IncomingRTCSessionEvent): void {
  // One that is dead gives way to the call that takes its place.
  if (dead.value) hangUp();
  if (session !== null) {
    incoming.terminate({ status_code: 486 });
    return;
  }
  session = incoming;
  call.value = "ringing";
  incoming.on("confirmed", () => {
    if (session !== incoming) return;
    call.value = "up";
    measure();
  });
  incoming.on("peerconnection", ({ peerconnection }) => attach(peerconnection));
  const gathering = { timer: undefined as ReturnType<typeof setTimeout> | undefined };
  incoming.on("icecandidate", ({ ready }) => {
    gathering.timer ??= setTimeout(ready, GATHERING_MS);
  });
  for (const end of ["ended", "failed"] as const) {
    incoming.on(end, () => {
      clearTimeout(gathering.timer);
      if (session === incoming) over();
    });
  }
  if (Date.now() < expecting) void answer();
}

function attach(connection: RTCPeerConnection): void {
  connection.addEventListener("track", ({ track, streams }) => {
    remote.value = streams[0] ?? new MediaStream([track]);
  });
  connection.addEventListener("iceconnectionstatechange", () => {
    if (session?.connection !== connection) return;
    severed.value = isBroken(connection);
    if (!severed.value) dead.value = false;
  });
}

/** Take the call that rings. Without a microphone it goes on ringing, and `fault` says why. */
export async function answer(): Promise<void> {
  const incoming = session;
  if (incoming === null || call.value !== "ringing") return;
  call.value = "answering";
  expecting = 0;
  let stream: MediaStream;
  try {
    stream = await openMicrophone();
  } catch (error) {
    if (!(error instanceof NoMicrophone)) throw error;
    fault.value = error.fault;
    if (session === incoming) call.value = "ringing";
    return;
  }
  if (session !== incoming) return shut(stream);
  fault.value = null;
  muted.value = false;
  hear(stream);
  incoming.answer({ mediaStream: stream, pcConfig: { iceServers: [] } });
}

function hear(stream: MediaStream): void {
  for (const track of stream.getAudioTracks()) {
    track.enabled = !muted.value;
    track.addEventListener("ended", () => {
      if (microphone.value === stream) void replaceMicrophone();
    });
  }
  microphone.value = stream;
}

/** Be unheard, or heard again. Acts at once, whatever the network does. */
export function mute(on: boolean): void {
  muted.value = on;
  for (const track of microphone.value?.getAudioTracks() ?? []) track.enabled = !on;
}

/** Speak through the microphone that is chosen now; the one in use goes on until the new one is there. */
export async function replaceMicrophone(): Promise<void> {
  const sender = session?.connection?.getSenders().find((each) => each.track?.kind === "audio" || each.track === null);
  if (call.value !== "up" || !sender) return;
  const before = microphone.value;
  let stream: MediaStream;
  try {
    stream = await openMicrophone();
  } catch (error) {
    if (!(error instanceof NoMicrophone)) throw error;
    fault.value = error.fault;
    return;
  }
  if (call.value !== "up") return shut(stream);
  hear(stream);
  await sender.replaceTrack(stream.getAudioTracks()[0] ?? null);
  fault.value = null;
  shut(before);
}

/** Use other devices, also in the middle of a call. */
export async function useDevices(change: Partial<Choice>): Promise<void> {
  chosen.value = { ...chosen.value, ...change };
  if (change.microphone !== undefined) await replaceMicrophone();
}

export function hangUp(): void {
  const ending = session;
  if (ending === null) return;
  over();
  if (!ending.isEnded()) ending.terminate();
}

function over(): void {
  session = null;
  clearInterval(measuring);
  shut(microphone.value);
  microphone.value = null;
  remote.value = null;
  quality.value = null;
  muted.value = false;
  severed.value = false;
  dead.value = false;
  call.value = null;
}

function measure(): void {
  clearInterval(measuring);
  let before: Sample | null = null;
  measuring = setInterval(async () => {
    const connection = session?.connection;
    if (!connection) return;
    const after = await sample(connection, performance.now());
    if (before && call.value === "up") quality.value = judge(before, after) ?? quality.value;
    before = after;
  }, QUALITY_MS);
}
