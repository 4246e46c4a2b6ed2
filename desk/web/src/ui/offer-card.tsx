import { useId } from "preact/hooks";
import { now } from "../lib/clock";
import { left, running, spoken } from "../lib/format";
import type { Channel, Why } from "../lib/model";
import { CHANNEL_ICON } from "../lib/words";
import { say } from "../text/desk";
import { Button } from "./button";
import { Icon } from "./icon";
import { StateChip } from "./thread";

export interface OfferView {
  readonly key: string;
  readonly channel: Channel;
  /** What is offered: "Tawaran Suara". */
  readonly what: string;
  readonly who: string;
  /** About what, as far as is known. */
  readonly topic: string | null;
  readonly waitedMs: number;
  readonly why: Why | null;
  readonly since: number;
  readonly until: number;
  /** What the customer wanted before, in one clause; null where there is nobody to have a past. */
  readonly past: string | null;
  /** The person has accepted; the server has not answered yet. */
  readonly accepted: boolean;
}

interface OfferCardProps {
  readonly offer: OfferView;
  readonly acceptKey?: string;
  readonly skipKey?: string;
  /** What stands in place of Terima when another device is to be used. */
  readonly instead?: string | null;
  /** Why it cannot be accepted or skipped now. */
  readonly reason?: string | null;
  readonly onAccept: () => unknown;
  readonly onSkip: () => unknown;
}

/** The one thing on the screen that is amber. It never takes the focus: F2 and F4 work from anywhere. */
export function OfferCard({ offer, acceptKey, skipKey, instead, reason, onAccept, onSkip }: OfferCardProps) {
  const heading = useId();
  const whole = Math.max(1, offer.until - offer.since);
  const share = Math.max(0, Math.min(1, (offer.until - now.value) / whole));
  return (
    <article class={`offer${offer.accepted ? " accepted" : ""}`} aria-labelledby={heading}>
      <div class="fuse" aria-hidden="true"><span style={{ transform: `scaleX(${share})` }} /></div>
      <div class="row">
        <StateChip state={offer.accepted ? "connecting" : "offered"} icon={CHANNEL_ICON[offer.channel]}>
          {offer.accepted ? say("offer_connecting") : offer.what}
        </StateChip>
        <span class="grow" />
        {!offer.accepted && <b class="timer" aria-hidden="true">{left(offer.until - now.value)}</b>}
      </div>
      <h3 id={heading}><bdi class="clamp">{offer.who}</bdi></h3>
      <ul class="why">
        {offer.topic && <li><Icon name="message-2" /><span>{offer.topic}</span></li>}
        <li><Icon name="clock" /><span>{say("offer_waited", { time: running(offer.waitedMs) })}</span></li>
        {offer.why && <li><Icon name="bolt" /><span>{reasonText(offer.why)}</span></li>}
        {offer.past !== null && <li><Icon name="history" /><span class="clamp" title={offer.past}>{offer.past}</span></li>}
      </ul>
      <div class="row">
        {instead ? (
          <p class="grow instead"><Icon name="phone-call" /> {instead}</p>
        ) : (
          <Button kind="go" wide keys={acceptKey} onPress={onAccept} reason={offer.accepted ? say("offer_connecting") : reason}>
            {say("accept")}
          </Button>
        )}
        <Button keys={skipKey} onPress={onSkip} reason={offer.accepted ? say("offer_connecting") : reason}>{say("skip")}</Button>
      </div>
    </article>
  );
}

function reasonText(why: Why): string {
  if (why.rule === "contact_searched" && why.eligible <= 1) return say("offer_why_only");
  return say(`offer_why_${why.rule}`, { count: why.eligible });
}

/** What a screen reader says when an offer comes. */
export function offerSpoken(offer: OfferView, key: string): string {
  const topic = offer.topic ? say("offer_spoken_topic", { topic: offer.topic }) : "";
  return say("offer_spoken", { what: offer.what, who: offer.who, topic, time: spoken(offer.waitedMs), key });
}
