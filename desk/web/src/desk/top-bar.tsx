import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { now } from "../lib/clock";
import { clock, initials, spoken } from "../lib/format";
import { LANGUAGES, chooseLanguage, labelled, language } from "../lib/i18n";
import { go } from "../lib/router";
import { reasonName, reference, self, signOut } from "../lib/session";
import { type Theme, chooseTheme, theme } from "../lib/theme";
import { me, queues } from "../lib/views";
import { say as common } from "../text/common";
import { say as customer } from "../text/customer";
import { say } from "../text/desk";
import { say as voicemail } from "../text/voicemail";
import { say as password } from "../text/password";
import { Brand } from "../ui/brand";
import { Icon } from "../ui/icon";
import { Button } from "../ui/button";
import { Menu, MenuItem } from "../ui/menu";
import { OwnPassword } from "../ui/own-password";
import { type Choice, Presence } from "../ui/presence";
import { StateChip } from "../ui/thread";
import { Badge, badgeName } from "../voicemails/badge";
import { openCases } from "./cases";
import { endShift, setIntent } from "./doing";
import { link } from "./link";
import { offered } from "./offers";
import { presenceOpen, sheet } from "./place";
import { openVoicemails } from "./voicemails";

export function TopBar() {
  return (
    <header class="top-bar">
      <Brand />
      <OwnPresence />
      <VoicemailLink />
      <Waiting />
      <span class="grow" />
      <button type="button" class="find" aria-haspopup="dialog" aria-keyshortcuts="Control+K" onClick={() => { sheet.value = "commands"; }}>
        <Icon name="search" />
        <span class="grow clamp">{say("search")}</span>
        <kbd aria-hidden="true">Ctrl K</kbd>
      </button>
      <LinkWord />
      <b class="wall-clock">{clock(now.value)} <span class="muted">{common("zone")}</span></b>
      <Button kind="quiet" icon="keyboard" name={say("keys_help")} popup="dialog" onPress={() => { sheet.value = "keys"; }} />
      <SelfMenu />
    </header>
  );
}

function OwnPresence() {
  const agent = me.value;
  const kind = !agent
    ? "unknown"
    : !agent.signed_in ? "off" : !agent.ready ? "away" : agent.reach.length === 0 ? "unreachable" : "ready";
  const word = {
    unknown: say("unknown_presence"),
    off: say("off_shift"),
    away: agent?.reason ? `${say("not_ready")}: ${reasonName(agent.reason)}` : say("not_ready"),
    unreachable: say("unreachable"),
    ready: say("ready"),
  }[kind];
  const reasons = (next: boolean): Choice[] =>
    (reference.value?.reasons ?? []).map((reason) => ({
      id: `${next ? "next" : "now"}:${reason.id}`,
      label: labelled(reason.name, reason.id),
      ...(reason.limit_ms ? { hint: say("usual", { time: spoken(reason.limit_ms) }) } : {}),
      checked: next ? agent?.next_not_ready === reason.id : !agent?.ready && agent?.reason === reason.id,
    }));
  const groups = kind === "off"
    ? [{ label: null, choices: [{ id: "start", label: say("start_shift") }] }]
    : [
        { label: null, choices: [{ id: "ready", label: say("ready"), checked: agent?.ready ?? false }] },
        { label: say("pause_now"), choices: reasons(false) },
        ...(offered.value ? [{ label: say("pause_next"), choices: reasons(true) }] : []),
        { label: null, choices: [{ id: "end", label: say("end_shift") }] },
      ];
  const choose = (id: string): void => {
    if (id === "start") go("/meja/mulai");
    else if (id === "ready") void setIntent(true);
    else if (id === "end") void endShift();
    else void setIntent(false, id.slice(id.indexOf(":") + 1), id.startsWith("next:"));
  };
  return (
    <Presence
      kind={kind}
      word={word}
      since={agent?.signed_in ? agent.since : null}
      groups={groups}
      onChoose={choose}
      opened={presenceOpen}
      note={agent?.next_not_ready && <StateChip state="away" icon="coffee">{say("after_offer")}</StateChip>}
    />
  );
}

/** How many wait in this agent's queues. */
function Waiting() {
  const own = me.value?.queues.map((id) => queues.value.get(id)).filter((queue) => queue !== undefined) ?? [];
  const waiting = own.filter((queue) => queue.waiting > 0);
  const list = waiting.slice(0, 3).map((queue) => `${labelled(queue.name, queue.id)} ${queue.waiting}`).join(" · ");
  if (own.length === 0) return null;
  return (
    <span class="waiting">
      <StateChip icon="users" title={list}>
        <span class="clamp">{list ? say("waiting_for", { list }) : say("waiting_none")}</span>
      </StateChip>
    </span>
  );
}

function VoicemailLink() {
  return (
    <button type="button" class="button quiet voicemail-link" aria-label={badgeName()} title={badgeName()} aria-keyshortcuts="Alt+P" onClick={openVoicemails}>
      <Icon name="record-mail" /><span class="word">{voicemail("voicemail")}</span>{" "}<Badge />
    </button>
  );
}

function LinkWord() {
  const up = link.state.value.is === "up";
  const lost = link.state.value.is === "lost";
  return (
    <span class={`link small ${up ? "up" : lost ? "lost" : ""}`}>
      <Icon name={lost ? "plug-connected-x" : "plug-connected"} />
      <span>{common(up ? "connected" : lost ? "disconnected" : "connecting")}</span>
    </span>
  );
}

function SelfMenu() {
  const open = useSignal(false);
  const changing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const name = self.value?.title || self.value?.user || "";
  const pick = (doing: () => void) => (): void => {
    open.value = false;
    doing();
  };
  return (
    <>
      <button
        type="button" ref={button} class="avatar little" aria-haspopup="menu" aria-expanded={open.value} aria-label={name}
        onClick={() => { open.value = !open.value; }}
      >
        <span aria-hidden="true">{initials(name)}</span>
      </button>
      {open.value && (
        <Menu anchor={button} label={name} onClose={() => { open.value = false; }}>
          <div class="label group" aria-hidden="true">{name}</div>
          <div role="group" aria-label={common("language")}>
            {LANGUAGES.map((each) => (
              <MenuItem key={each} checked={language.value === each} onPick={pick(() => chooseLanguage(each))}>
                <Icon name="language" /><span class="grow">{each === "id" ? "Bahasa Indonesia" : "English"}</span>
                {language.value === each && <Icon name="check" />}
              </MenuItem>
            ))}
          </div>
          <hr />
          <div role="group" aria-label={common("theme")}>
            {(["system", "light", "dark"] as Theme[]).map((each) => (
              <MenuItem key={each} checked={theme.value === each} onPick={pick(() => chooseTheme(each))}>
                <Icon name={each === "dark" ? "moon" : each === "light" ? "sun" : "settings"} />
                <span class="grow">{common(`theme_${each}`)}</span>
                {theme.value === each && <Icon name="check" />}
              </MenuItem>
            ))}
          </div>
          <hr />
          <MenuItem onPick={pick(openCases)}><Icon name="calendar-event" />{customer("cases")}</MenuItem>
          <MenuItem onPick={pick(() => { sheet.value = "settings"; })}><Icon name="settings" />{say("settings")}</MenuItem>
          <MenuItem onPick={pick(() => { changing.value = true; })}><Icon name="password" />{password("change")}</MenuItem>
          <MenuItem onPick={pick(() => void signOut())}><Icon name="door-exit" />{common("sign_out")}</MenuItem>
        </Menu>
      )}
      {changing.value && <OwnPassword onClose={() => { changing.value = false; }} />}
    </>
  );
}
