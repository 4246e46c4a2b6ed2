import { clock, fullDay } from "../lib/format";
import { labelled } from "../lib/i18n";
import { say } from "../text/appointment";
import { say as visit } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { type Agreed, agreed, dropLink, good, hindrance, lookUp } from "./appointment";
import { comeBack, welcome } from "./visit";

function times(it: Agreed): string {
  const sameDay = fullDay(it.begins_at) === fullDay(it.ends_at);
  const values = { day: fullDay(it.begins_at), from: clock(it.begins_at), to: clock(it.ends_at) };
  return say(sameDay ? "when" : "when_late", values);
}

/** Who is expected, and when: above what is still to be filled in. */
export function Greeting() {
  const it = good.value;
  if (!it) return null;
  return (
    <div class="visit-code good" role="status">
      <Icon name="calendar-event" />
      <p><b>{times(it)}</b><br />{about()}{say("ahead")}</p>
    </div>
  );
}

function about(): string {
  const found = welcome.value?.topics.find((each) => each.id === good.value?.topic);
  return found ? `${labelled(found.name)}. ` : "";
}

export function hello(): string | null {
  const it = good.value;
  if (!it) return null;
  return it.name ? say("hello", { name: it.name }) : say("hello_anybody");
}

/** Why the link does not lead into the line now, and the way on. */
export function Appointed() {
  const why = hindrance.value;
  const now = welcome.value;
  const it = agreed.value;
  if (!why) return null;
  const opens = it && (fullDay(it.opens_at) === fullDay(it.begins_at) ? clock(it.opens_at) : `${fullDay(it.opens_at)}, ${clock(it.opens_at)}`);
  const dated = it !== null && why !== "unknown" && why !== "unasked" && why !== "running";
  return (
    <div class="visit-body" role="status">
      <h1>{say(why)}</h1>
      {dated && <p class="visit-text"><b>{times(it)}</b></p>}
      <p class="visit-text">{say(`${why}_text`, { opens: opens ?? "" })}</p>
      {why === "early" && <p class="visit-text">{say("early_note")}</p>}
      <span class="grow" />
      {why === "running" && <Button kind="primary" wide onPress={comeBack}>{say("take_here")}</Button>}
      {why === "unasked" && <Button kind="primary" wide icon="refresh" onPress={lookUp}>{say("retry")}</Button>}
      {why !== "running" && (
        <Button kind={why === "unasked" || why === "early" ? "quiet" : "primary"} wide onPress={dropLink}>{say("ordinary")}</Button>
      )}
      {why === "cancelled" && now && (
        <a class="button quiet wide" href={`tel:${now.telephone}`}><Icon name="phone" />{visit("call_instead", { number: now.telephone })}</a>
      )}
    </div>
  );
}
