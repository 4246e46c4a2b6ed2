// Camera and microphone of one person: what was switched off stays off, and what went away can come back.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { choose } from "../../desk/web/src/phone/devices";
import { LocalMedia, NoMedia } from "../../desk/web/src/video/media";
import { troubleWords } from "../../desk/web/src/video/trouble";

class Track extends EventTarget {
  enabled = true;
  readyState = "live";

  constructor(readonly kind: "audio" | "video") {
    super();
  }

  stop(): void {
    this.readyState = "ended";
  }

  unplug(): void {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
}

class Stream {
  private tracks: readonly Track[];

  constructor(tracks: readonly Track[]) {
    this.tracks = tracks;
  }

  getTracks = (): readonly Track[] => this.tracks;
  getVideoTracks = (): readonly Track[] => this.tracks.filter((track) => track.kind === "video");

  addTrack(track: Track): void {
    this.tracks = [...this.tracks, track];
  }

  removeTrack(track: Track): void {
    this.tracks = this.tracks.filter((each) => each !== track);
  }
}

let asked: MediaStreamConstraints[] = [];
let refusal: string | null = null;
let given: Track[] = [];
let hold: Promise<void> = Promise.resolve();

async function getUserMedia(wanted: MediaStreamConstraints): Promise<Stream> {
  asked.push(wanted);
  await hold;
  if (refusal) throw new DOMException("no", refusal);
  given = (["audio", "video"] as const).filter((kind) => wanted[kind]).map((kind) => new Track(kind));
  return new Stream(given);
}

function storage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  } as unknown as Storage;
}

beforeEach(() => {
  asked = [];
  refusal = null;
  hold = Promise.resolve();
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices: { getUserMedia }, userAgent: "" } });
  Object.assign(globalThis, { RTCPeerConnection: class {}, sessionStorage: storage(), localStorage: storage() });
});

/** What the others may hear or see, at each change. */
function sent(media: LocalMedia): string[] {
  const seen: string[] = [];
  media.onChange = () => {
    const on = (["audio", "video"] as const).filter((kind) => media.track(kind)?.enabled);
    seen.push(on.join("+"));
  };
  return seen;
}

test("what was off in a call is off after a reload, before anything can carry it, and on in the next call", async () => {
  const before = new LocalMedia();
  await before.open(true);
  before.remember("call-1");
  await before.switchMicrophone(false);
  await before.switchCamera(false);

  const after = new LocalMedia();
  const seen = sent(after);
  after.remember("call-1");
  await after.reopen();
  assert.deepEqual(seen, [""]);
  assert.equal(asked.at(-1)?.video, false, "the camera's light does not go on");
  await after.switchMicrophone(true);
  assert.deepEqual(seen, ["", "audio"]);
  assert.equal(asked.length, 2);

  after.close();
  after.remember("call-2");
  await after.reopen();
  assert.deepEqual(seen.at(-1), "audio+video");
});

test("who chose to be heard only is not seen after a reload", async () => {
  const before = new LocalMedia();
  await before.open(false);
  before.remember("call-1");
  const after = new LocalMedia();
  after.remember("call-1");
  await after.reopen();
  assert.deepEqual([after.microphone.value, after.camera.value], [true, false]);
});

test("a microphone that went away is asked for again, and why not is said", async () => {
  const media = new LocalMedia();
  await media.open(true);
  given[0]?.unplug();
  assert.deepEqual([media.microphone.value, media.camera.value], [false, true]);
  assert.match(troubleWords(media.trouble.value!), /^Mikrofon terlepas\. Ketuk tombolnya/);

  refusal = "NotFoundError";
  await assert.rejects(media.switchMicrophone(true), NoMedia);
  assert.match(troubleWords(media.trouble.value!), /^Mikrofon tidak ditemukan\. Periksa colokan/);
  refusal = "NotAllowedError";
  await assert.rejects(media.switchMicrophone(true), NoMedia);
  assert.match(troubleWords(media.trouble.value!), /^Mikrofon belum diizinkan\. Ketuk gembok/);

  refusal = null;
  await media.switchMicrophone(true);
  assert.deepEqual([media.microphone.value, media.camera.value, media.trouble.value], [true, true, null]);
  assert.equal(media.stream.value?.getTracks().length, 2);
  assert.equal(asked.at(-1)?.video, undefined, "the camera goes on as it is");
});

test("another microphone that is chosen in a call takes over, and stays off if the old one was", async () => {
  const media = new LocalMedia();
  await media.open(true);
  const [old, picture] = given;
  await media.switchMicrophone(false);
  choose({ microphone: "headset" });
  await media.changeMicrophone();
  choose({ microphone: "" });
  assert.equal(old?.readyState, "ended");
  assert.deepEqual(media.stream.value?.getTracks(), [picture, given[0]]);
  assert.deepEqual([given[0]?.enabled, media.microphone.value, media.camera.value], [false, false, true]);
});

test("who never allowed a device can allow it later", async () => {
  const media = new LocalMedia();
  refusal = "NotAllowedError";
  await assert.rejects(media.reopen(), NoMedia);
  refusal = null;
  await media.switchCamera(true);
  assert.deepEqual([media.microphone.value, media.camera.value], [false, true]);
  await media.switchMicrophone(true);
  assert.deepEqual([media.microphone.value, media.camera.value], [true, true]);
});

test("a device that comes after the call's end is given back", async () => {
  const media = new LocalMedia();
  let go = (): void => undefined;
  hold = new Promise((done) => (go = done));
  const opening = media.open(true);
  media.close();
  go();
  await opening;
  assert.equal(media.stream.value, null);
  assert.deepEqual(given.map((track) => track.readyState), ["ended", "ended"]);
});

test("the chosen devices are asked for, and another serves when they are gone", async () => {
  const media = new LocalMedia();
  choose({ microphone: "headset", camera: "back" });
  await media.open(true);
  choose({ microphone: "", camera: "" });
  const [{ audio, video }] = asked as [{ audio: MediaTrackConstraints; video: MediaTrackConstraints }];
  assert.deepEqual([audio.deviceId, video.deviceId, video.facingMode], [{ ideal: "headset" }, { ideal: "back" }, undefined]);
  await media.open(true);
  assert.equal((asked[1]?.video as MediaTrackConstraints).facingMode, "user");
});
