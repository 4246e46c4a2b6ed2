// Voices that the browser holds back, and the device they come out of.

import assert from "node:assert/strict";
import { test } from "node:test";
import { blocked, hear, route, silence, sound } from "../../desk/web/src/video/sound";

function player(fault: { name: string | null }): HTMLAudioElement {
  return {
    play: async () => {
      if (fault.name) throw new DOMException("no", fault.name);
    },
  } as unknown as HTMLAudioElement;
}

test("a voice that is held back waits for a touch, and only that", async () => {
  const fault: { name: string | null } = { name: "NotAllowedError" };
  const [held, gone] = [player(fault), player(fault)];
  await sound(held);
  await sound(held);
  await sound(gone);
  await sound(player({ name: "AbortError" }));
  assert.deepEqual(blocked.value, [held, gone]);
  silence(gone);
  await hear();
  assert.deepEqual(blocked.value, [held], "still refused");
  fault.name = null;
  await hear();
  assert.deepEqual(blocked.value, []);
});

test("a headset that is gone leaves the voice to the machine's own loudspeaker", async () => {
  const asked: string[] = [];
  const with_ = {
    setSinkId: async (device: string) => {
      asked.push(device);
      if (device === "gone") throw new DOMException("no", "NotFoundError");
    },
  };
  await route(with_ as never, "headset");
  await route(with_ as never, "gone");
  assert.deepEqual(asked, ["headset", "gone", ""]);
  await route({} as never, "headset");
});
