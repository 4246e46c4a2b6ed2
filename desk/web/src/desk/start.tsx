import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { go } from "../lib/router";
import { play, unlock, unlocked } from "../lib/sounds";
import { me } from "../lib/views";
import { NoMicrophone, choose, chosen, devices, lookForDevices, openMicrophone, shut } from "../phone/devices";
import type { MicrophoneFault } from "../phone/devices";
import * as phone from "../phone/phone";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Meter } from "../ui/meter";
import { StateChip } from "../ui/thread";
import { deskPhoneUp, startShift, troubles } from "./doing";
import { useLoudness } from "./meters";
import { speakByTelephone } from "./phone-link";
import { testTone } from "./test-tone";
import { Device } from "./sheets";
import { Strip } from "../ui/strip";

const HEARD = 0.25;

/** The first clicks of the day: they unlock the ring and the microphone, and show that both work. */
export function ShiftStart() {
  const rung = useSignal(false);
  const refused = useSignal(false);
  const stream = useSignal<MediaStream | null>(null);
  const fault = useSignal<MicrophoneFault | null>(null);
  const toned = useSignal(false);
  const heard = useSignal(false);
  // The start that was asked for with a microphone that was silent until then: ready, or not.
  const asked = useSignal<boolean | null>(null);
  useEffect(() => () => shut(stream.value), []);

  const sound = async (): Promise<void> => {
    refused.value = !(await unlock());
    if (refused.value) return;
    play("ring");
    rung.value = true;
  };
  const microphone = async (): Promise<void> => {
    try {
      const opened = await openMicrophone();
      shut(stream.value);
      stream.value = opened;
      heard.value = false;
      asked.value = null;
      fault.value = null;
      await lookForDevices();
    } catch (error) {
      if (!(error instanceof NoMicrophone)) throw error;
      fault.value = error.fault;
    }
  };
  // Who speaks by a telephone on the desk needs no microphone here.
  const byTelephone = deskPhoneUp();
  const start = async (ready: boolean): Promise<void> => {
    speakByTelephone(byTelephone && stream.value === null);
    if (await startShift(ready)) go("/meja");
  };
  const silent = !byTelephone && !heard.value;
  const press = (ready: boolean): Promise<void> | void => {
    if (!silent) return start(ready);
    asked.value = ready;
  };
  const unready = stream.value === null && !byTelephone ? say("start_need_mic") : null;
  const reason = !rung.value || !unlocked.value ? say("start_need_audio") : unready;
  const inputs = devices.value.filter((device) => device.kind === "audioinput");

  return (
    <section class="start" aria-labelledby="start-title" data-pane tabIndex={-1}>
      <div class="panel-box">
        <h1 id="start-title">{say("start_title")}</h1>
        <p class="muted">{say("start_intro")}</p>
        <ol>
          <Step title={say("start_audio")} done={rung.value && unlocked.value}>
            <Button kind={rung.value ? "plain" : "primary"} icon="bell" onPress={sound}>
              {say(rung.value ? "start_audio_again" : "start_audio_do")}
            </Button>
            {refused.value && <p class="near" role="alert">{say("start_audio_failed")}</p>}
          </Step>
          <Step title={say("start_mic")} done={heard.value || byTelephone}>
            {byTelephone && <p class="muted">{say("start_mic_not")}</p>}
            {stream.value === null ? (
              <>
                <Button kind={rung.value && !byTelephone ? "primary" : "plain"} icon="microphone" onPress={microphone}>{say("start_mic_do")}</Button>
                {!byTelephone && <p class="small muted">{say("start_mic_why")}</p>}
              </>
            ) : (
              <>
                <Level stream={stream} heard={heard} />
                <Device
                  label={say("microphone")} devices={inputs} value={chosen.value.microphone}
                  onChange={(id) => { choose({ microphone: id }); void microphone(); }}
                />
              </>
            )}
            {fault.value && <p class="near" role="alert">{say(`mic_${fault.value}`)}</p>}
          </Step>
          <Step title={say("start_tone")} done={toned.value}>
            <Button icon="headphones" onPress={async () => { toned.value = await testTone(); }}>{say("start_tone_do")}</Button>
          </Step>
          <Step title={say("start_phone")} done={phone.line.value === "ready" || byTelephone}>
            <p class="muted">
              {phone.line.value === "ready" ? say("start_phone_ok")
                : byTelephone ? say("start_phone_desk")
                : say(me.value?.signed_in ? "start_phone_wait" : "start_phone_later")}
            </p>
          </Step>
        </ol>
        {troubles.value[""] && <Strip kind="failure">{troubles.value[""]}</Strip>}
        {silent && asked.value !== null && (
          <Strip
            kind="failure" icon="microphone-off"
            action={<Button onPress={() => start(asked.value === true)}>{say("start_silent_go")}</Button>}
          >
            {say("start_silent")}
          </Strip>
        )}
        <div class="row actions">
          <Button kind="go" size="tall" icon="headset" reason={reason} onPress={() => press(true)}>{say("start_go")}</Button>
          <Button size="tall" kind="quiet" reason={reason} onPress={() => press(false)}>{say("start_go_paused")}</Button>
        </div>
        {typeof Notification !== "undefined" && Notification.permission === "default" && (
          <Button kind="quiet" size="small" icon="bell" onPress={() => void Notification.requestPermission()}>{say("start_notify")}</Button>
        )}
      </div>
    </section>
  );
}

function Step({ title, done, children }: { readonly title: string; readonly done: boolean; readonly children: ComponentChildren }) {
  return (
    <li class={done ? "done" : ""}>
      <div class="row">
        <h2 class="grow">{title}</h2>
        {done && <StateChip state="good" icon="check">{say("start_step_done")}</StateChip>}
      </div>
      {children}
    </li>
  );
}

function Level({ stream, heard }: { readonly stream: Signal<MediaStream | null>; readonly heard: Signal<boolean> }) {
  const level = useLoudness(stream);
  useEffect(() => {
    if (level > HEARD) heard.value = true;
  }, [level]);
  const words = say(heard.value ? "start_level_heard" : "start_level_silent");
  return (
    <div class="level">
      <Meter level label={say("microphone")} value={level * 100} text={words} />
      <p class="row small" role="status"><Icon name={heard.value ? "check" : "microphone"} />{words}</p>
    </div>
  );
}
