import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../lib/api";
import type { Centre } from "../lib/model";
import { go } from "../lib/router";
import { may } from "../lib/session";
import { say } from "../text/admin";
import { Icon } from "../ui/icon";
import { moment } from "./history";
import { addressOf } from "./sections";

/** Whether the centre is closed by its switch, which is a supervisor's, and where its words are. */
export function Emergency() {
  const centre = useSignal<Centre | null>(null);
  useEffect(() => {
    ask<{ readonly centre?: Centre }>("/live").then(
      (found) => { centre.value = found.centre ?? null; },
      // Not known is shown as such; the form works without.
      () => undefined,
    );
  }, []);
  const state = centre.value;
  return (
    <fieldset class="group">
      <legend>{say("emergency")}</legend>
      <div class="row wrap">
        <span class={`chip ${state?.closed ? "failed" : state ? "good" : ""}`}>
          <Icon name={state?.closed ? "alert-triangle" : state ? "check" : "clock"} />{say(state === null ? "emergency_unknown" : state.closed ? "emergency_on" : "emergency_off")}
        </span>
        {state?.closed && state.since !== null && <span class="small muted"><bdi>{say("emergency_by", { by: state.by ?? "–", moment: moment(state.since), reason: state.reason ?? "–" })}</bdi></span>}
      </div>
      <p class="hint">{say("emergency_hint")}</p>
      <div class="row wrap">
        <a
          class="button small" href={addressOf("ucapan")}
          onClick={(event) => {
            event.preventDefault();
            go(addressOf("ucapan"));
          }}
        >
          {say("emergency_words")}
        </a>
        {may("rule") && <a class="button small" href="/pantau">{say("emergency_switch")}</a>}
      </div>
    </fieldset>
  );
}
