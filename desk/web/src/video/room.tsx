// A video call inside a page of the desk: the agent's own, or one that a supervisor listens to.

import { computed, effect, signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import "../styles/room.css";
import { announce } from "../lib/announce";
import { serverTime } from "../lib/clock";
import { clock } from "../lib/format";
import { chosen } from "../phone/devices";
import { say as sayOfDevices } from "../text/devices";
import { say as byTelephone } from "../text/by-telephone";
import { say } from "../text/room";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Strip } from "../ui/strip";
import { ChatDrawer } from "../visitor/chat";
import { Face, Voice } from "../visitor/face";
import { type Link, VideoCall } from "./call";
import { LocalMedia, NoMedia } from "./media";
import { blocked, hear } from "./sound";
import { still } from "./still";
import { troubleWords } from "./trouble";

interface RoomProps {
  /** The interaction whose room it is. */
  readonly id: string;
  /** Who one is in the chat. */
  readonly me: string;
  /** A supervisor: seen and heard by nobody. */
  readonly listen?: boolean;
  readonly onTransfer?: () => void;
  readonly onEnd?: () => void;
}

/** One room at a time: it outlives a change of the pane that shows it. */
const open = signal<{ readonly id: string; readonly call: VideoCall } | null>(null);
const media = new LocalMedia();
const withoutMedia = signal(false);

const FINAL: ReadonlySet<Link> = new Set(["over", "elsewhere", "refused"]);

// A call that is over for this page needs no camera and no microphone, whatever is still looked at of it.
effect(() => {
  const link = open.value?.call.link.value;
  if (link && FINAL.has(link)) media.close();
});

let microphone = chosen.peek().microphone;
effect(() => {
  const now = chosen.value.microphone;
  if (now === microphone) return;
  microphone = now;
  media.changeMicrophone().catch(refused);
});

export const roomCall = computed(() => open.value?.call ?? null);

/** Begin, or go on with, the call of a contact. */
export async function enterRoom(id: string, listen = false): Promise<void> {
  if (open.value?.id === id) return;
  leaveRoom();
  if (!listen) {
    media.remember(id);
    await openMedia();
  }
  open.value = { id, call: new VideoCall(`/api/v1/interactions/${id}/room${listen ? "?listen=1" : ""}`, media, listen) };
}

/** Let go of the call's page; the call itself goes on for the others. */
export function leaveRoom(): void {
  open.value?.call.dispose();
  open.value = null;
  media.close();
}

async function openMedia(): Promise<void> {
  withoutMedia.value = false;
  try {
    await media.reopen();
  } catch (error) {
    if (!(error instanceof NoMedia)) throw error;
    // Without a camera there may still be a microphone.
    await media.reopen(false).catch(() => {
      withoutMedia.value = true;
    });
  }
}

/** What the others in the call say: it is heard wherever on the page one looks. */
export function RoomSound() {
  return <>{open.value?.call.sounds.value.map((sound) => <Voice key={sound.stream.id} stream={sound.stream} />)}</>;
}

export function Room({ id, me, listen = false, onTransfer, onEnd }: RoomProps) {
  const chatting = useSignal(false);
  const large = useSignal(false);
  useEffect(() => void enterRoom(id, listen), [id, listen]);
  const call = open.value?.id === id ? open.value.call : null;
  if (!call) return null;
  return (
    <section class={`room${large.value ? " large" : ""}`} aria-label={say("room")}>
      <Troubles call={call} id={id} listen={listen} />
      <div class="room-middle">
        <Stage call={call} />
        {chatting.value && (
          <ChatDrawer call={call} me={me} label={say("chat_label")} reading={listen} onClose={() => (chatting.value = false)} />
        )}
      </div>
      {!listen && (
        <div class="room-bar" role="toolbar" aria-label={say("room")}>
          <Own />
          <Snapshot call={call} />
          <Button
            icon="message-2" pressed={chatting.value} onPress={() => (chatting.value = !chatting.value)}
          >
            {say("chat")}{call.lines.value.length > 0 && !chatting.value ? ` (${call.lines.value.length})` : ""}
          </Button>
          <Button icon={large.value ? "arrow-back-up" : "eye"} onPress={() => (large.value = !large.value)}>
            {large.value ? say("small") : say("large")}
          </Button>
          <span class="grow" />
          {onTransfer && <Button icon="arrow-forward-up" onPress={onTransfer}>{say("transfer")}</Button>}
          <Button kind="end" icon="phone-off" onPress={onEnd ?? (() => call.leave())}>{say("end")}</Button>
        </div>
      )}
    </section>
  );
}

/** `media.trouble` says why, and stays on the screen. */
function refused(error: unknown): void {
  if (!(error instanceof NoMedia)) throw error;
}

function Own() {
  const sharing = media.screen.value !== null;
  return (
    <>
      <Button
        icon={media.microphone.value ? "microphone" : "microphone-off"} pressed={!media.microphone.value}
        onPress={() => media.switchMicrophone(!media.microphone.value).catch(refused)}
      >
        {media.microphone.value ? say("mute") : say("unmute")}
      </Button>
      <Button
        icon={media.camera.value ? "video" : "video-off"} pressed={!media.camera.value}
        onPress={() => media.switchCamera(!media.camera.value).catch(refused)}
      >
        {media.camera.value ? say("camera_stop") : say("camera_on")}
      </Button>
      {media.canShare && (
        <Button
          icon={sharing ? "screen-share-off" : "screen-share"} pressed={sharing}
          onPress={() => (sharing ? media.unshare() : media.share())}
        >
          {sharing ? say("unshare") : say("share")}
        </Button>
      )}
    </>
  );
}

/** Keeps what the visitor shows, the screen before the camera. The visitor is told by the line in the chat. */
function Snapshot({ call }: { readonly call: VideoCall }) {
  const seen = call.pictures.value.find((picture) => picture.person?.side === "visitor");
  const take = async (): Promise<void> => {
    const picture = seen && (await still(seen.stream));
    if (!seen || !picture) {
      announce(say("snapshot_none"), true);
      return;
    }
    const what = seen.label === "screen" ? say("snapshot_screen") : say("snapshot_camera");
    call.give(picture, `${what} ${clock(serverTime())}.jpg`, true);
    announce(say("snapshot_taken"));
  };
  return <Button icon="camera" reason={seen ? null : say("snapshot_none")} onPress={take}>{say("snapshot")}</Button>;
}

function Stage({ call }: { readonly call: VideoCall }) {
  const [first, ...others] = call.pictures.value;
  const visitor = call.state.value?.people.find((person) => person.side === "visitor");
  const quiet = !visitor?.here ? say("waiting_visitor") : say("camera_off", { name: visitor.name });
  return (
    <div class="room-stage">
      {first ? <Face stream={first.stream} name={first.person?.name ?? ""} whole /> : (
        <div class="room-dark">
          <Icon name={visitor?.here ? "video-off" : "user"} />
          <p><bdi>{call.connection.media.value === "up" ? quiet : say("connecting")}</bdi></p>
        </div>
      )}
      <div class="room-others">
        {others.map((seen) => <Face key={seen.stream.id} stream={seen.stream} name={seen.person?.name ?? ""} />)}
        {media.camera.value && <Face stream={media.stream.value} name={say("own_picture")} mirrored />}
      </div>
      {call.state.value?.recorded && <span class="room-recorded"><i class="dot" />{say("recorded")}</span>}
    </div>
  );
}

function Troubles({ call, id, listen }: { readonly call: VideoCall; readonly id: string; readonly listen: boolean }) {
  if (call.link.value === "elsewhere") {
    const take = (): void => {
      leaveRoom();
      void enterRoom(id, listen);
    };
    return <Strip kind="warning" action={<Button size="small" onPress={take}>{say("take_here")}</Button>}>{say("elsewhere")}</Strip>;
  }
  const visitor = call.state.value?.people.find((person) => person.side === "visitor");
  const away = call.state.value?.stage === "talking" && visitor?.here === false;
  return (
    <>
      {listen && <Strip kind="info" icon="ear">{say("listening")}</Strip>}
      {withoutMedia.value && (
        <Strip kind="failure" action={<Button size="small" onPress={openMedia}>{say("retry")}</Button>}>{say("no_media")}</Strip>
      )}
      {blocked.value.length > 0 && (
        <Strip kind="failure" action={<Button size="small" onPress={hear}>{sayOfDevices("tap_to_hear")}</Button>}>
          {sayOfDevices("held_back")}
        </Strip>
      )}
      {media.trouble.value && <Strip kind="failure">{troubleWords(media.trouble.value)}</Strip>}
      {(call.link.value === "lost" || call.connection.media.value === "lost") && <Strip kind="warning">{say("lost")}</Strip>}
      {call.state.value?.telephone === "here" && <Strip kind="info" icon="phone">{byTelephone("visitor_by_telephone")}</Strip>}
      {away && <Strip kind="warning" icon="wifi-off">{say("visitor_away")}</Strip>}
    </>
  );
}
