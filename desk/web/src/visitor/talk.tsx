import { computed, effect, signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { announce } from "../lib/announce";
import { now as clock } from "../lib/clock";
import { running } from "../lib/format";
import { say as sayOfDevices } from "../text/devices";
import { say as sayOfFiles } from "../text/files";
import { say } from "../text/visit";
import type { VideoCall } from "../video/call";
import { NoMedia } from "../video/media";
import { blocked, hear } from "../video/sound";
import { troubleWords } from "../video/trouble";
import { NetworkWatch } from "../video/weak";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { ByTelephone, TelephoneButton, onTelephone } from "./by-telephone";
import { ChatDrawer } from "./chat";
import { Face, Voice } from "./face";
import { Attach } from "./handed";
import { call, media } from "./visit";

const chatting = signal(false);
const read = signal(0);
const unread = computed(() => {
  const lines = call.value?.lines.value ?? [];
  return chatting.value ? 0 : lines.filter((line) => line.id > read.value && line.sender !== "visitor").length;
});

effect(() => {
  if (chatting.value) read.value = Math.max(0, ...(call.value?.lines.value ?? []).map((line) => line.id));
});

/** Face to face. */
export function Talk() {
  const it = call.value;
  if (!it?.state.value) return null;
  return (
    <div class="visit-call">
      <Header it={it} />
      <Pictures it={it} />
      {!onTelephone.value && it.sounds.value.map((sound) => <Voice key={sound.stream.id} stream={sound.stream} />)}
      <Troubles it={it} />
      {chatting.value && <ChatDrawer call={it} me="visitor" onClose={() => (chatting.value = false)} />}
      <ByTelephone it={it} />
      <Controls it={it} />
    </div>
  );
}

function officer(it: VideoCall): string {
  return it.state.value?.people.find((person) => person.side === "agent")?.name ?? "";
}

function Header({ it }: { readonly it: VideoCall }) {
  const state = it.state.value;
  if (!state) return null;
  return (
    <header class="visit-pills">
      <span class={`pill${state.recorded ? " recorded" : ""}`}>
        {state.recorded && <i class="dot" />}{state.recorded ? say("recorded") : say("not_recorded")}
      </span>
      {state.stage === "talking" && <span class="pill timer">{running(clock.value - state.since)}</span>}
      <span class="grow" />
      <span class="pill">
        <Icon name={it.connection.media.value === "up" ? "wifi" : "wifi-off"} />
        {it.connection.media.value === "up" ? say("connected") : say("link_lost")}
      </span>
    </header>
  );
}

function Pictures({ it }: { readonly it: VideoCall }) {
  const agent = officer(it);
  const [first, ...others] = it.pictures.value;
  const waiting = it.state.value?.stage !== "talking";
  useEffect(() => {
    if (waiting) announce(agent ? say("connecting", { name: agent }) : say("connecting_any"));
  }, [waiting, agent]);
  return (
    <>
      <div class="visit-stage">
        {first ? <Face stream={first.stream} name={first.person?.name ?? ""} whole={first.label === "screen"} /> : (
          <div class="visit-dark">
            <Icon name={waiting ? "user" : "video-off"} />
            <p>{waiting ? (agent ? say("connecting", { name: agent }) : say("connecting_any")) : say("no_picture", { name: agent })}</p>
          </div>
        )}
        <div class="visit-others">
          {media.camera.value && <Face stream={media.stream.value} name={say("preview")} mirrored={media.facesMe} />}
          {others.map((seen) => <Face key={seen.stream.id} stream={seen.stream} name={seen.person?.name ?? ""} />)}
        </div>
      </div>
      {agent && <p class="visit-officer"><bdi class="pill">{say("officer", { name: agent })}</bdi></p>}
    </>
  );
}

/** So long the visitor sees that a still was taken; the chat says it for good. */
const NOTICE_MS = 12_000;

function Troubles({ it }: { readonly it: VideoCall }) {
  const lost = it.link.value === "lost" || it.connection.media.value === "lost";
  const network = useMemo(() => new NetworkWatch(it.connection), [it]);
  useEffect(() => () => network.stop(), [network]);
  const weak = !lost && network.weak.value;
  const telephone = it.state.value?.people.some((person) => person.side === "outside" && person.here);
  const taken = it.lines.value.some((line) => line.file?.snapshot && clock.value - line.at < NOTICE_MS);
  return (
    <div class="visit-trouble" role="status">
      {lost && <p class="pill warn">{say("media_lost")}</p>}
      {blocked.value.length > 0 && (
        <Button kind="primary" size="small" icon="volume" onPress={hear}>{sayOfDevices("tap_to_hear")}</Button>
      )}
      {media.trouble.value && <p class="pill warn">{troubleWords(media.trouble.value)}</p>}
      {weak && (
        <div class="pill warn visit-weak">
          <span>{media.camera.value ? say("weak") : say("weak_sound")}</span>
          {media.camera.value && (
            <Button size="small" icon="microphone" onPress={() => media.switchCamera(false)}>{say("go_voice")}</Button>
          )}
        </div>
      )}
      {telephone && <p class="pill"><Icon name="phone" />{say("telephone_here")}</p>}
      {taken && <p class="pill"><Icon name="camera" />{sayOfFiles("snapshot_by_agent")}</p>}
    </div>
  );
}

/** `media.trouble` says why, and stays on the screen. */
function refused(error: unknown): void {
  if (!(error instanceof NoMedia)) throw error;
}

function Controls({ it }: { readonly it: VideoCall }) {
  const end = useRef<HTMLButtonElement>(null);
  const screen = media.screen.value !== null;
  return (
    <div class="visit-bar" role="toolbar" aria-label={say("title")}>
      <Button
        icon={media.microphone.value ? "microphone" : "microphone-off"} pressed={!media.microphone.value}
        name={media.microphone.value ? say("mute") : say("unmute")}
        onPress={() => media.switchMicrophone(!media.microphone.value).catch(refused)}
      />
      <Button
        icon={media.camera.value ? "video" : "video-off"} pressed={!media.camera.value}
        name={media.camera.value ? say("camera_off") : say("camera_on")}
        onPress={() => media.switchCamera(!media.camera.value).catch(refused)}
      />
      {media.canShare ? (
        <Button
          icon={screen ? "screen-share-off" : "screen-share"} pressed={screen} name={screen ? say("unshare") : say("share")}
          onPress={() => (screen ? media.unshare() : media.share())}
        />
      ) : <Attach call={it} photo onChosen={() => (chatting.value = true)} />}
      <span class="badged">
        <Button
          icon="message-2" pressed={chatting.value} name={unread.value ? say("chat_new", { count: unread.value }) : say("chat")}
          onPress={() => (chatting.value = !chatting.value)}
        />
        {unread.value > 0 && <b aria-hidden="true">{unread.value}</b>}
      </span>
      <TelephoneButton />
      <Button kind="end" icon="phone-off" name={say("end")} inner={end} onPress={() => it.leave()} />
    </div>
  );
}
