import { effect, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { labelled } from "../lib/i18n";
import { type Loudness, loudness } from "../phone/level";
import { choose, chosen, devices, lookForDevices } from "../phone/devices";
import { say as sayOfDevices } from "../text/devices";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Greeting, hello } from "./appointed";
import { good } from "./appointment";
import { goodCode } from "./code";
import { Face } from "./face";
import { PlaceCode } from "./place-code";
import { agreed, allow, enter, media, name, topic, voiceOnly, welcome, wrong } from "./visit";

const BARS = 5;
/** Chromium lists a device again under these names; without permission a device has none. */
const ALIASES = new Set(["", "default", "communications"]);

/** Preview, who and why, consent: all that is needed before standing in line. */
export function Ready() {
  const now = welcome.value;
  if (!now) return null;
  return (
    <form
      class="visit-body"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <h1>{hello() ?? say("title")}</h1>
      <Greeting />
      {media.stream.value ? <><Preview /><Choices /></> : <Permission />}
      <Field id="name" label={say("name")}>
        <input
          id="name" autocomplete="name" maxLength={80} value={name.value} aria-invalid={wrong.value?.field === "name"}
          onInput={(event) => {
            name.value = event.currentTarget.value;
          }}
        />
      </Field>
      {!good.value && <PlaceCode />}
      {topicOpen() && <Field id="topic" label={say("topic")}>
        <select
          id="topic" value={topic.value} aria-invalid={wrong.value?.field === "topic"}
          onChange={(event) => {
            topic.value = event.currentTarget.value;
          }}
        >
          <option value="">{say("topic_choose")}</option>
          {now.topics.map((each) => <option key={each.id} value={each.id}>{labelled(each.name)}</option>)}
        </select>
      </Field>}
      <label class="visit-consent" for="consent">
        <input
          id="consent" type="checkbox" checked={agreed.value} aria-describedby={now.consent.without ? "consent-note" : undefined}
          onChange={(event) => {
            agreed.value = event.currentTarget.checked;
          }}
        />
        <span>
          {labelled(now.consent.text)}
          {now.consent.without && <small id="consent-note">{say("consent_without")}</small>}
        </span>
      </label>
      <span class="grow" />
      <div class="visit-go">
        {wrong.value && <p class="visit-wrong" role="alert"><Icon name="alert-triangle" />{wrong.value.text}</p>}
        <p class="muted center">{now.waiting ? say("wait_now", { count: now.waiting }) : say("wait_none")}</p>
        <Button kind="primary" wide submit>{say("enter")}</Button>
      </div>
    </form>
  );
}

/** Whether the visitor says what it is about: not with a place on the telephone, nor where that was agreed. */
function topicOpen(): boolean {
  return !goodCode.value && !(good.value && topic.value && topic.value === good.value.topic);
}

function Field(props: { readonly id: string; readonly label: string; readonly children: preact.ComponentChildren }) {
  return (
    <div class="visit-field">
      <label for={props.id}>{props.label}</label>
      {props.children}
    </div>
  );
}

/** Why the browser will ask, before it does. */
function Permission() {
  return (
    <div class="visit-permission">
      <Icon name="video" />
      <p>{say("why")}</p>
      <Button kind="primary" wide icon="video" onPress={() => allow(true)}>{say("allow")}</Button>
      <Button wide icon="microphone" onPress={() => allow(false)}>{say("voice_only")}</Button>
    </div>
  );
}

function Preview() {
  const stream = media.stream.value;
  return (
    <div class="visit-preview">
      {media.camera.value ? <Face stream={stream} mirrored={media.facesMe} name={say("preview")} /> : (
        <div class="visit-dark"><Icon name="video-off" /><p>{say("voice_only_note")}</p></div>
      )}
      <Level stream={stream} />
      <span class="visit-swap">
        <Button
          size="small" icon={voiceOnly.value ? "video" : "video-off"}
          onPress={() => allow(voiceOnly.value)}
        >
          {voiceOnly.value ? say("with_camera") : say("voice_only")}
        </Button>
      </span>
    </div>
  );
}

/** Which microphone and which camera, where there is a choice: a telephone has one on its back. */
function Choices() {
  useEffect(() => {
    void lookForDevices();
    navigator.mediaDevices.addEventListener("devicechange", lookForDevices);
    return () => navigator.mediaDevices.removeEventListener("devicechange", lookForDevices);
  }, []);
  return (
    <>
      {media.camera.value && <Choice of="camera" kind="videoinput" />}
      <Choice of="microphone" kind="audioinput" />
    </>
  );
}

function Choice({ of, kind }: { readonly of: "camera" | "microphone"; readonly kind: MediaDeviceKind }) {
  const all = devices.value.filter((each) => each.kind === kind && !ALIASES.has(each.deviceId));
  if (all.length < 2) return null;
  return (
    <Field id={of} label={sayOfDevices(`${of}_choice`)}>
      <select
        id={of} value={chosen.value[of]}
        onChange={(event) => {
          choose({ [of]: event.currentTarget.value });
          void allow(!voiceOnly.value);
        }}
      >
        <option value="">{sayOfDevices("automatic")}</option>
        {all.map((each, index) => (
          <option key={each.deviceId} value={each.deviceId}>{each.label || `${sayOfDevices(`${of}_choice`)} ${index + 1}`}</option>
        ))}
      </select>
    </Field>
  );
}

const HEARD_FROM = 0.35;

function Level({ stream }: { readonly stream: MediaStream | null }) {
  const level = useRef(signal(0)).current;
  const ever = useRef(signal(false)).current;
  useEffect(() => {
    if (!stream || stream.getAudioTracks().length === 0) return;
    const measured: Loudness = loudness(stream);
    const follow = effect(() => {
      level.value = measured.level.value;
      if (measured.level.value > HEARD_FROM) ever.value = true;
    });
    return () => {
      follow();
      measured.stop();
    };
  }, [stream]);
  return (
    <span class="visit-level" role="status">
      <Icon name="microphone" />
      {Array.from({ length: BARS }, (_, bar) => (
        <i key={bar} class={level.value * BARS > bar + 0.5 ? "on" : ""} style={{ height: `${6 + bar * 2.5}px` }} />
      ))}
      {ever.value ? say("heard") : say("not_heard")}
    </span>
  );
}
