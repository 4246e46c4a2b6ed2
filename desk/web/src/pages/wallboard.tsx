import { effect, signal } from "@preact/signals";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/wallboard.css";

import { API } from "../lib/api";
import { now, serverTime } from "../lib/clock";
import { clock, number, percent, running, spoken } from "../lib/format";
import { chooseLanguage, language } from "../lib/i18n";
import { Link } from "../lib/live";
import type { Channel, Frame, Health, Tile, Wallboard } from "../lib/model";
import { match, path } from "../lib/router";
import { take, wallboard } from "../lib/views";
import { CHANNEL_ICON } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/wallboard";
import { Icon } from "../ui/icon";
import type { IconName } from "../ui/icons";
import { type Level, STALE_MS, next, shift } from "../wallboard/level";
import { open } from "./page";

const ASK_MS = 5_000;

/** When the centre was last heard, by its own clock; null before. */
const heard = signal<number | null>(null);
const refused = signal(false);
const levels = signal<ReadonlyMap<Channel, Level>>(new Map());

const LEVEL_ICON: Readonly<Record<Health, IconName>> = { good: "check", near: "clock", over: "alert-triangle", none: "info-circle" };

function Wall() {
  const board = wallboard.value;
  const stale = board !== null && heard.value !== null && now.value - heard.value > STALE_MS;
  const [right, down] = shift(now.value);
  return (
    <main id="main" class="wall" style={{ transform: `translate(${right}px, ${down}px)` }} data-stale={stale || undefined}>
      <h1 class="unseen">{say("title")}</h1>
      <div class="top"><Bar board={board} stale={stale} /><div class="hour">{clock(now.value)}</div></div>
      <div class={`tiles of-${Math.min(board?.tiles.length ?? 6, 6)}`}>
        {board?.tiles.slice(0, 6).map((tile) => <TileView key={tile.channel} tile={tile} stale={stale} />)}
      </div>
      {board && <Foot board={board} />}
    </main>
  );
}

function Bar({ board, stale }: { readonly board: Wallboard | null; readonly stale: boolean }) {
  const [kind, icon, text] = sentence(board, stale);
  return <div class={`alarm ${kind}`}><Icon name={icon} /><span>{text}</span></div>;
}

function sentence(board: Wallboard | null, stale: boolean): readonly [string, IconName, string] {
  if (refused.value) return ["over", "lock", say("refused")];
  if (board === null) return ["calm", "refresh", say("starting")];
  if (stale) return ["lost", "plug-connected-x", say("no_data", { time: clock(heard.value ?? now.value) })];
  const alarm = board.alarm;
  if (alarm === null) return ["calm", "check", say("no_alarm")];
  const tile = board.tiles.find((each) => each.channel === alarm.subject);
  const waits = alarm.kind === "longest_wait";
  const ago = tile?.longest_since ? now.value - tile.longest_since : alarm.value;
  const values = {
    channel: tile ? common(tile.channel) : alarm.subject,
    count: number(tile?.waiting ?? board.tiles.reduce((sum, each) => sum + each.waiting, 0)),
    value: waits ? running(ago) : percent(alarm.value),
    limit: waits ? spoken(alarm.limit) : percent(alarm.limit),
  };
  switch (alarm.kind) {
    case "longest_wait":
    case "service_level":
    case "nobody_ready":
    case "link_down":
      return ["over", "alert-triangle", say(`alarm_${alarm.kind}`, values)];
    default:
      return ["over", "alert-triangle", alarm.subject];
  }
}

function TileView({ tile, stale }: { readonly tile: Tile; readonly stale: boolean }) {
  const level = levels.value.get(tile.channel)?.shown ?? tile.health;
  const name = common(tile.channel);
  const few = tile.service_level === null || tile.contacts < 5;
  return (
    <section class={`tile ${stale ? "stale" : level}`} aria-label={name}>
      <span class="mark" aria-hidden="true" />
      <h2>
        <Icon name={CHANNEL_ICON[tile.channel]} />{name}
        <small>
          <Icon name={stale ? "plug-connected-x" : LEVEL_ICON[level]} />
          {stale ? say("stale", { time: clock(heard.value ?? now.value) }) : say(level)}
        </small>
      </h2>
      <div class="count">{number(tile.waiting)}</div>
      <div class="longest">
        {say("longest")}<b>{running(tile.longest_since === null ? null : now.value - tile.longest_since)}</b>
        <span>{say("limit", { limit: spoken(tile.limit_ms) })}</span>
      </div>
      <div class="service">
        <span>{say("level")}</span>
        <div class="bar">
          <i style={{ width: `${few ? 0 : Math.min(tile.service_level ?? 0, 100)}%` }} />
          <s style={{ left: `${tile.target}%` }} />
        </div>
        <b>{few ? say("few", { count: number(tile.contacts) }) : percent(tile.service_level)}</b>
      </div>
    </section>
  );
}

const CREW = [
  ["talking", "headset"], ["ready", "check"], ["wrapping", "notes"], ["not_ready", "coffee"],
] as const satisfies readonly (readonly [string, IconName])[];

function Foot({ board }: { readonly board: Wallboard }) {
  const parts = CREW.filter(([part]) => board.crew[part] > 0);
  const words = parts.map(([part]) => say(part, { count: number(board.crew[part]) }));
  return (
    <div class="foot">
      <div class="crew" role="img" aria-label={say("crew", { list: words.join(", ") || say("nobody") })}>
        {parts.map(([part, icon], n) => (
          <span key={part} class={part} style={{ flexGrow: board.crew[part] }}><Icon name={icon} />{words[n]}</span>
        ))}
        {parts.length === 0 && <span class="not_ready"><Icon name="coffee" />{say("nobody")}</span>}
      </div>
      <div><b>{number(board.handled_today)}</b> <span class="muted">{say("handled")}</span></div>
    </div>
  );
}

/** A centre in which nothing happens sends nothing: ask now and then, so that silence is not taken for calm. */
async function listen(token: string): Promise<void> {
  try {
    const answer = await fetch(`${API}/wallboard?${new URLSearchParams({ token })}`, { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    refused.value = answer.status === 401 || answer.status === 403 || answer.status === 422;
    if (answer.ok) {
      wallboard.value = (await answer.json()) as Wallboard;
      heard.value = serverTime();
    }
  } catch {
    // The screen says by itself how old its figures are.
  }
  setTimeout(() => void listen(token), ASK_MS);
}

function start(): void {
  const wish = new URLSearchParams(location.search);
  // Dark unless the address asks otherwise: a bright wall blinds a room.
  document.documentElement.dataset["theme"] = wish.get("theme") === "light" ? "light" : "dark";
  const asked = wish.get("lang");
  if (asked === "en" || asked === "id") chooseLanguage(asked);
  document.documentElement.lang = language.value;
  open(Wall);
  const token = match("/papan/:token", path.value)?.["token"] ?? "";
  const link = new Link({
    topics: ["wallboard"], token,
    take: (frame: Frame) => {
      take(frame);
      heard.value = serverTime();
    },
  });
  link.start();
  addEventListener("online", () => link.hurry());
  effect(() => {
    const at = now.value;
    const before = levels.peek();
    levels.value = new Map((wallboard.value?.tiles ?? []).map((tile) => [tile.channel, next(before.get(tile.channel), tile.health, at)]));
  });
  void listen(token);
}

start();
