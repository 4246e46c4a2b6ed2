import { effect } from "@preact/signals";
import { now } from "../lib/clock";
import { clock, day, fullDay, running } from "../lib/format";
import { type Earlier, type Past, forgetPasts, lookFurther, lookUp, lookUpAgain, pasts } from "../lib/customers";
import { categoryName, queueName } from "../lib/session";
import { work } from "../lib/views";
import { CHANNEL_ICON } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/customer";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { NoteText } from "../ui/note-text";
import { colleagueName } from "./contact";

const LAST_YEAR_MS = 300 * 86_400_000;

/** Ask for the past of each contact as soon as it is on this desk: with its offer, which does not wait for it. */
export function watchPasts(): void {
  effect(() => {
    const here = new Set(work.value.map((contact) => contact.id));
    forgetPasts(here);
    for (const id of here) void lookUp(id);
  });
}

const when = (at: number): string => (now.peek() - at > LAST_YEAR_MS ? fullDay(at) : day(at));

/** The past in one clause, for an offer. */
export function pastClause(id: string): string {
  const past = pasts.value[id];
  if (past === undefined) return say("past_short_loading");
  if (past === "away" || !past.known) return say("past_short_unknown");
  const last = past.items[0];
  if (!last) return say("past_short_empty");
  return counted(past, last);
}

function counted(past: Past, last: Earlier): string {
  return say(past.more ? "past_count_more" : "past_count", { count: past.items.length, when: when(last.at) });
}

/** Everything this customer wanted before, on every channel, the newest first. */
export function PastList({ id }: { readonly id: string }) {
  const past = pasts.value[id];
  if (past === undefined) return <p class="small muted">{say("past_loading")}</p>;
  if (past === "away") {
    return (
      <div class="row">
        <p class="small muted grow">{say("past_away")}</p>
        <Button size="small" icon="refresh" onPress={() => lookUpAgain(id)}>{common("retry")}</Button>
      </div>
    );
  }
  const last = past.items[0];
  if (!past.known) return <p class="small muted">{say("past_unknown")}</p>;
  if (!last) return <p class="small muted">{say("past_empty")}</p>;
  return (
    <>
      <p class="small muted">{counted(past, last)}</p>
      <ol class="past">
        {past.items.map((item) => <Item key={item.id} item={item} />)}
      </ol>
      {past.more && <Button size="small" onPress={() => lookFurther(id)}>{say("past_more")}</Button>}
    </>
  );
}

function Item({ item }: { readonly item: Earlier }) {
  const about = item.category ? categoryName(item.category) : item.queue ? queueName(item.queue) : common(item.channel);
  return (
    <li>
      <Icon name={CHANNEL_ICON[item.channel]} />
      <div>
        <b>{about}</b>
        <p class="small muted">
          <time>{when(item.at)} {clock(item.at)} {common("zone")}</time>{" · "}{common(item.channel)}
          {item.kind !== "inbound" && `, ${say(`kind_${item.kind}`)}`}
        </p>
        <p class="small">
          {say(item.outcome ? `outcome_${item.outcome}` : "outcome_open")}
          {item.category && item.queue && <span class="muted">{" · "}{queueName(item.queue)}</span>}
          {item.agent && <span class="muted">{" · "}<bdi>{say("past_by", { agent: colleagueName(item.agent) })}</bdi></span>}
        </p>
        {item.message_ms !== null && <p class="small">{say("past_message", { time: running(item.message_ms) })}</p>}
        <NoteText text={item.note} />
      </div>
    </li>
  );
}
