import { labelled } from "../lib/i18n";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { CallBack } from "./call-back";
import { call, musical, name, playMusic, welcome } from "./visit";

const DOTS = 5;

/** Place, wait, and what can be done meanwhile. */
export function Waiting() {
  const now = call.value;
  const state = now?.state.value;
  if (!now || !state) return null;
  const place = state.position;
  return (
    <div class="visit-body">
      <div class="visit-place">
        <h1 class="visit-small">{say("your_place", { name: name.value || state.people[0]?.name || "" })}</h1>
        <b>{place ?? "–"}</b>
        <span>{waitWords(state.wait_ms)}</span>
      </div>
      <div class="visit-queue" role="img" aria-label={place === null ? "" : place === 1 ? say("next") : say("ahead", { count: place - 1 })}>
        {Array.from({ length: DOTS }, (_, dot) => <i key={dot} class={dotClass(dot, place)} />)}
      </div>
      <ul class="visit-rows">
        <li><Icon name="lock" /><span>{say("place_safe")}</span></li>
        <li>
          <Icon name={musical.value ? "volume" : "volume-off"} />
          <span>
            {musical.value ? say("music_on") : say("music_off")}{" "}
            <button type="button" class="link" onClick={() => playMusic(!musical.value)}>
              {musical.value ? say("music_stop") : say("music_start")}
            </button>
          </span>
        </li>
        {(welcome.value?.prepare.length ?? 0) > 0 && (
          <li>
            <Icon name="notes" />
            <span>
              {say("prepare")}
              <ul class="visit-prepare">{welcome.value?.prepare.map((each) => <li key={labelled(each)}>{labelled(each)}</li>)}</ul>
            </span>
          </li>
        )}
      </ul>
      <span class="grow" />
      {welcome.value?.calls_back && <CallBack />}
      <a class="button wide" href={`tel:${welcome.value?.telephone ?? "169"}`}>
        <Icon name="phone" />{say("call_instead", { number: welcome.value?.telephone ?? "169" })}
      </a>
      <Button kind="quiet" wide onPress={() => now.leave()}><span class="bad">{say("leave_line")}</span></Button>
    </div>
  );
}

/** The wait in words a person would use, rounded up. */
export function waitWords(ms: number | null): string {
  if (ms === null) return say("wait_unknown");
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 && ms < 60_000 ? say("under_minute") : say("about_minutes", { minutes });
}

function dotClass(dot: number, place: number | null): string {
  if (place === null) return "";
  if (dot === Math.min(place, DOTS) - 1) return "me";
  return dot < Math.min(place, DOTS) - 1 ? "ahead" : "";
}
