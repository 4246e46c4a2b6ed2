import { skew, now } from "../lib/clock";
import { left, spoken } from "../lib/format";
import { leave } from "../lib/session";
import { inCall, unlocked } from "../lib/sounds";
import { centre, me } from "../lib/views";
import * as phone from "../phone/phone";
import { say as common } from "../text/common";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Strip } from "../ui/strip";
import { clearTrouble, deskPhoneUp, setIntent, troubles } from "./doing";
import { link } from "./link";
import { notice } from "./notices";
import { missed } from "./offers";
import { connectPhone } from "./phone-link";

/** What is not as it should be, each with what can be done about it. */
export function Strips() {
  const agent = me.value;
  const state = link.state.value;
  return (
    <div class="strips">
      {state.is === "lost" && <Offline since={state.since} />}
      {phone.severed.value && <Strip kind="failure" icon="wifi-off">{say("call_severed")}</Strip>}
      {state.is === "over" && state.why === "signed_out" && (
        <Strip kind="failure" action={<Button size="small" onPress={leave}>{say("sign_in_again")}</Button>}>
          {say("signed_out_elsewhere")}
        </Strip>
      )}
      {agent?.signed_in && !unlocked.value && <Strip kind="warning" icon="volume">{say("audio_blocked")}</Strip>}
      {agent?.signed_in && <PhoneStrip />}
      {phone.fault.value && (
        <Strip kind="failure" icon="microphone-off" action={<Retry />}>{say(`mic_${phone.fault.value}`)}</Strip>
      )}
      {centre.value?.closed && (
        <Strip kind="warning">
          {say("centre_closed", { by: centre.value.by ?? "–", reason: centre.value.reason ?? "–" })}
        </Strip>
      )}
      {centre.value?.degraded && <Strip kind="warning">{say("degraded")}</Strip>}
      {missed.value && !agent?.ready && (
        <Strip kind="warning" icon="bell" action={<Button size="small" kind="go" keys="F9" onPress={() => setIntent(true)}>{say("back_to_ready")}</Button>}>
          {missed.value}
        </Strip>
      )}
      {notice.value && (
        <Strip kind="news" action={<Button size="small" onPress={() => { notice.value = null; }}>{say("dismiss")}</Button>}>
          <b>{say("broadcast", { by: notice.value.by })}</b> · <bdi>{notice.value.text}</bdi>
        </Strip>
      )}
      {troubles.value[""] && (
        <Strip kind="failure" action={<Button size="small" onPress={() => clearTrouble("")}>{common("close")}</Button>}>
          {troubles.value[""]}
        </Strip>
      )}
      {Math.abs(skew.value) > 30_000 && (
        <Strip kind="info" icon="clock">{say("clock_skew", { time: spoken(Math.abs(skew.value)) })}</Strip>
      )}
    </div>
  );
}

function Offline({ since }: { readonly since: number }) {
  return (
    <Strip kind="warning" icon="plug-connected-x" action={<Button size="small" onPress={() => link.hurry()}>{common("retry")}</Button>}>
      {/* The seconds are by this machine's clock, and are not read aloud each time. */}
      <span aria-live="off">{say("offline", { time: left(now.value - skew.value - since) })}</span>{" "}
      {inCall.value && !phone.severed.value && <b>{say("offline_call")}</b>}
    </Strip>
  );
}

function PhoneStrip() {
  const state = phone.line.value;
  if (state === "ready" || state === "connecting" || (state === "off" && deskPhoneUp())) return null;
  return (
    <Strip kind="failure" icon="phone-off" action={<Button size="small" onPress={connectPhone}>{say("phone_retry")}</Button>}>
      {say(state === "refused" ? "phone_refused" : "phone_lost")}
    </Strip>
  );
}

function Retry() {
  const retry = async (): Promise<void> => {
    phone.fault.value = null;
    if (phone.call.value === "ringing") await phone.answer();
    else await phone.replaceMicrophone();
  };
  return <Button size="small" onPress={retry}>{common("retry")}</Button>;
}
