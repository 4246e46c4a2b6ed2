import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { allow, fault, welcome } from "./visit";

/** Why there is no camera, and what to do: in the words of the person's own device. */
export function Fault() {
  const why = fault.value;
  if (!why) return null;
  const hopeless = why === "insecure" || why === "in_app";
  return (
    <div class="visit-body">
      {why === "denied" && <span class="tag bad"><Icon name="camera-off" />{say("fault_denied_tag")}</span>}
      <h1>{say(`fault_${why}`)}</h1>
      <p class="visit-text">{say(`fault_${why}_text`)}</p>
      {why === "denied" && (
        <>
          <div class="visit-address"><Icon name="lock" /><span class="clamp">{location.host}</span></div>
          <ol class="visit-steps">
            <li><b>1</b><span>{say("fault_step_1")}</span></li>
            <li><b>2</b><span>{say("fault_step_2")}</span></li>
            <li><b>3</b><span>{say("fault_step_3")}</span></li>
          </ol>
        </>
      )}
      <span class="grow" />
      {why === "in_app" && (
        <Button kind="primary" wide icon="copy" onPress={() => navigator.clipboard?.writeText(location.href)}>
          {say("copy_address")}
        </Button>
      )}
      {!hopeless && <Button kind="primary" wide icon="refresh" onPress={() => allow(true)}>{say("retry")}</Button>}
      {!hopeless && <Button wide icon="microphone" onPress={() => allow(false)}>{say("go_voice")}</Button>}
      <a class="button quiet wide" href={`tel:${welcome.value?.telephone ?? "169"}`}>
        <Icon name="phone" />{say("call_instead", { number: welcome.value?.telephone ?? "169" })}
      </a>
    </div>
  );
}
