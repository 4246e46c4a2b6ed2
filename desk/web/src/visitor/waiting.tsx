import { labelled } from "../lib/i18n";
import { say } from "../text/visit";
import { troubleWords } from "../video/trouble";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { CallBack } from "./call-back";
import { music } from "./music";
import { musical, playMusic, returned } from "./moments";
import { allow, call, fault, media, name, welcome } from "./visit";

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
      {returned.value && (
        <p class="visit-returned" role="status"><Icon name="info-circle" />{say(`returned_${returned.value}`)}</p>
      )}
      <ul class="visit-rows">
        <li><Icon name="lock" /><span>{say("place_safe")}</span></li>
        <MusicRow />
        {!media.stream.value && <DevicesRow />}
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

/** What is heard now, not what ought to be: a browser lets a page sound only after a touch. */
function MusicRow() {
  const playing = musical.value && music.free.value;
  return (
    <li>
      <Icon name={playing ? "volume" : "volume-off"} />
      <span>
        {playing ? `${say("music_on")} ` : musical.value ? "" : `${say("music_off")} `}
        <button type="button" class="link" onClick={() => playMusic(!playing)}>
          {playing ? say("music_stop") : musical.value ? say("music_tap") : say("music_start")}
        </button>
      </span>
    </li>
  );
}

function hindrance(): string {
  const why = fault.value;
  if (!why) return say("unheard");
  if (why === "in_app" || why === "insecure") return `${say(`fault_${why}`)}. ${say(`fault_${why}_text`)}`;
  return troubleWords({ device: "microphone", fault: why });
}

/** Who stands in line without a microphone can allow it until the turn comes, and after. */
function DevicesRow() {
  return (
    <li>
      <Icon name="microphone-off" />
      <span>
        {hindrance()}{" "}
        <button type="button" class="link" onClick={() => void allow(true)}>{say("allow")}</button>
      </span>
    </li>
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
