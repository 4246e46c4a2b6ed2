// The line of a video call: what could not be sent while it was lost is sent when it is there again.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { VideoCall } from "../../desk/web/src/video/call";
import { LocalMedia } from "../../desk/web/src/video/media";
import { FakeSocket, giveBrowser } from "./socket";
import { until } from "./until";

class Peer {
  static made = 0;
  signalingState = "stable";
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  ontrack = null;
  onconnectionstatechange: (() => void) | null = null;
  private offers = 0;
  private readonly number = (Peer.made += 1);

  addTransceiver(): object {
    return { mid: null, sender: { replaceTrack: async () => undefined } };
  }

  restartIce(): void {}

  async setLocalDescription(): Promise<void> {
    this.offers += 1;
    this.localDescription = { sdp: `peer ${this.number} offer ${this.offers}` };
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = "stable";
    this.connectionState = "connected";
    this.onconnectionstatechange?.();
  }

  close(): void {}
}

const page = giveBrowser();
Object.assign(globalThis, { RTCPeerConnection: Peer, MediaStream: class {} });

beforeEach(() => {
  FakeSocket.all = [];
  Peer.made = 0;
});

/** Wait until so many offers of a kind went out on the newest line, and return the last. */
async function offered(type: "join" | "renew", count = 1): Promise<unknown> {
  await until(() => FakeSocket.last.of(type).length >= count);
  assert.equal(FakeSocket.last.of(type).length, count);
  return FakeSocket.last.of(type).at(-1)?.["sdp"];
}

test("a new way that is wanted while the line is lost is asked for on the next line, and so is the one after", async () => {
  const call = new VideoCall("/page", new LocalMedia());
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "invited", role: "participant", ice: [] });
  assert.equal(await offered("join"), "peer 1 offer 1");
  FakeSocket.last.say({ type: "answer", sdp: "", shown: [] });
  await until(() => call.connection.media.value === "up");

  FakeSocket.last.lose();
  page.dispatchEvent(new Event("online"));
  await until(() => call.connection.peer?.signalingState === "have-local-offer");
  FakeSocket.last.open();
  assert.equal(await offered("renew"), "peer 1 offer 2");
  FakeSocket.last.say({ type: "answer", sdp: "", shown: [] });
  await until(() => call.connection.peer?.signalingState === "stable");

  page.dispatchEvent(new Event("online"));
  assert.equal(await offered("renew", 2), "peer 1 offer 3");
  call.dispose();
});

test("an offer whose answer was lost with the line is sent again, and none when the answer came", async () => {
  const call = new VideoCall("/page", new LocalMedia());
  FakeSocket.last.open();
  FakeSocket.last.say({ type: "invited", role: "participant", ice: [] });
  await offered("join");
  FakeSocket.last.lose();
  page.dispatchEvent(new Event("online"));
  FakeSocket.last.open();
  assert.equal(await offered("join"), "peer 1 offer 1");
  FakeSocket.last.say({ type: "answer", sdp: "", shown: [] });
  // The new way that was asked for meanwhile.
  assert.equal(await offered("renew"), "peer 1 offer 2");
  FakeSocket.last.say({ type: "answer", sdp: "", shown: [] });
  await until(() => call.connection.peer?.signalingState === "stable");
  FakeSocket.last.lose();
  await until(() => FakeSocket.last.readyState === FakeSocket.CONNECTING);
  FakeSocket.last.open();
  await until(() => FakeSocket.last.of("device").length === 1);
  assert.deepEqual([FakeSocket.last.of("join"), FakeSocket.last.of("renew")], [[], []]);
  call.dispose();
});
