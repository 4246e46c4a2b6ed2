import { now } from "../lib/clock";
import { tell } from "../lib/api";
import { clock } from "../lib/format";
import type { Contact } from "../lib/model";
import { known, me, queues } from "../lib/views";
import { CHANNEL_ICON } from "../lib/words";
import * as phone from "../phone/phone";
import { say as common } from "../text/common";
import { say as customer } from "../text/customer";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { CallBar } from "../ui/call-bar";
import { Icon } from "../ui/icon";
import { Strip } from "../ui/strip";
import { StateChip } from "../ui/thread";
import { Timer } from "../ui/timer";
import { ConsultBar } from "./consult-bar";
import { contactName, isConsulting, isSpoken, mayBeMachine, partyOf, shownState } from "./contact";
import { attempt, clearTrouble, hold, troubles, verb } from "./doing";
import { Journey } from "./journey";
import { isDown } from "./link";
import { CallMeters, QualityChip } from "./meters";
import { noteOf, write } from "./notes";
import { selected, sheet } from "./place";
import { recovering, rejoin } from "./recovery";
import { RoomTelephones } from "./room-telephones";
import { openSide } from "./side";
import { keyFor } from "./shortcuts";
import { CalledAbout } from "./voicemails";
import { go } from "../lib/router";
import { self } from "../lib/session";
import { Room } from "../video/room";
import { VisitFiles } from "../video/visit-files";

const HELD_LONG_MS = 60_000;

export function ContactPane() {
  const contact = selected.value;
  if (!contact) return <Empty />;
  const name = contactName(contact);
  return (
    <section class="contact" aria-label={say("contact_with", { who: name })} data-pane tabIndex={-1}>
      <Header contact={contact} name={name} />
      {recovering.value?.id === contact.id && <Recovering id={contact.id} />}
      {troubles.value[contact.id] && (
        <Strip kind="failure" action={<Button size="small" onPress={() => clearTrouble(contact.id)}>{common("close")}</Button>}>
          {troubles.value[contact.id]}
        </Strip>
      )}
      {contact.channel === "video" && /^(connecting|talking|held)$/.test(contact.phase) && (
        <Room
          id={contact.parent ?? contact.id} me={contact.agent ?? ""}
          onTransfer={() => (sheet.value = "transfer")} onEnd={() => verb(contact, "hang-up")}
        />
      )}
      {contact.channel === "video" && contact.phase === "wrapping" && <VisitFiles id={contact.id} />}
      {isSpoken(contact) && /^(talking|held)$/.test(contact.phase) && <Controls contact={contact} />}
      {isConsulting(contact) && (contact.channel !== "video" || partyOf(contact, "colleague")) && <ConsultBar contact={contact} />}
      {contact.channel === "video" && <RoomTelephones contact={contact} />}
      <CalledAbout contact={contact} />
      <div class="two">
        <Notes contact={contact} />
        <Journey id={contact.id} phase={contact.phase} />
      </div>
    </section>
  );
}

function Header({ contact, name }: { readonly contact: Contact; readonly name: string }) {
  const shown = shownState(contact);
  const recording = contact.call?.recording;
  return (
    <header class="contact-header">
      <Icon name={CHANNEL_ICON[contact.channel]} />
      <h1 class="clamp" data-contact-heading tabIndex={-1}><bdi>{name}</bdi></h1>
      <StateChip state={shown.state} icon={shown.icon}>
        {shown.word}{" "}
        {contact.phase === "wrapping" ? <Timer until={contact.until} /> : (
          <Timer since={contact.since} {...(contact.phase === "held" ? { warnAt: HELD_LONG_MS } : {})} />
        )}
      </StateChip>
      <span class="grow" />
      {recording === "on" && <StateChip state="recorded"><span class="dot" />{say("recording_on")}</StateChip>}
      {recording === "paused" && <StateChip state="held" icon="player-pause">{say("recording_paused")}</StateChip>}
      {isSpoken(contact) && phone.call.value === "up" && <CallMeters />}
      <QualityChip />
      {isSpoken(contact) && contact.phase === "talking" && recording && recording !== "off" && (
        <Button
          kind="quiet" size="small" icon={recording === "on" ? "player-pause" : "player-record"}
          name={say(recording === "on" ? "pause_recording" : "resume_recording")}
          onPress={() => verb(contact, "recording", { on: recording !== "on", reason: recording === "on" ? say("pause_reason") : "" })}
        />
      )}
      <span class="to-side"><Button size="small" kind="quiet" icon="history" popup="dialog" onPress={openSide}>{customer("past")}</Button></span>
      {contact.phase === "parked" && <Button size="small" icon="player-play" onPress={() => verb(contact, "retrieve")}>{say("retrieve")}</Button>}
      {/^(talking|held)$/.test(contact.phase) && !isConsulting(contact) && contact.kind !== "consult" && contact.channel !== "video" && (
        <Button size="small" kind="quiet" icon="player-pause" reason={isDown() ? say("offline_reason") : null} onPress={() => verb(contact, "park")}>
          {say("park")}
        </Button>
      )}
    </header>
  );
}

function Controls({ contact }: { readonly contact: Contact }) {
  const open = (name: "keypad" | "transfer" | "settings" | "hang-up" | "machine") => (): void => {
    sheet.value = name;
  };
  return (
    <CallBar
      muted={phone.muted.value}
      held={contact.phase === "held"}
      keys={{ mute: keyFor("mute"), hold: keyFor("hold"), keypad: keyFor("keypad"), transfer: keyFor("transfer"), machine: keyFor("machine") }}
      offline={isDown() ? say("offline_reason") : null}
      consulting={isConsulting(contact)}
      onMute={() => phone.mute(!phone.muted.value)}
      onHold={() => hold(contact)}
      onKeypad={open("keypad")}
      onTransfer={open("transfer")}
      onDevices={open("settings")}
      {...(mayBeMachine(contact) ? { onMachine: open("machine") } : {})}
      onHangUp={open("hang-up")}
    />
  );
}

function Recovering({ id }: { readonly id: string }) {
  return recovering.value?.failed ? (
    <Strip kind="failure" icon="phone-off" action={<Button size="small" onPress={() => rejoin(id)}>{say("recover_again")}</Button>}>
      {say("call_lost")}
    </Strip>
  ) : (
    <Strip kind="warning" icon="refresh"><b>{say("recovering")}</b> {say("recovering_hint")}</Strip>
  );
}

function Notes({ contact }: { readonly contact: Contact }) {
  const note = noteOf(contact.id);
  return (
    <div class="notes">
      <label class="label" for="notes">{say("notes")}</label>
      <textarea
        id="notes"
        key={contact.id}
        class="input"
        data-notes
        data-start
        maxLength={4_000}
        value={note.text}
        onInput={(event) => write(contact.id, { text: event.currentTarget.value })}
      />
      <p class="small muted">{note.text ? keptWords(note.dirty) : say("notes_hint")}</p>
    </div>
  );
}

function keptWords(dirty: boolean): string {
  if (!dirty) return customer("draft_kept");
  return customer(isDown() ? "draft_local" : "draft_saving");
}

function Empty() {
  const agent = me.value;
  const waiting = agent?.queues.reduce((sum, id) => sum + (queues.value.get(id)?.waiting ?? 0), 0) ?? 0;
  return (
    <section class="contact empty" aria-label={say("desk")} data-pane tabIndex={-1}>
      <div>
        <Icon name="headset" />
        {!known.value || !agent ? (
          <p>{say("empty_loading")}</p>
        ) : !agent.signed_in ? (
          <>
            <h1>{say("empty_off_shift")}</h1>
            <p class="muted">{say("empty_off_shift_hint")}</p>
            <Button kind="primary" icon="headset" onPress={() => go("/meja/mulai")}>{say("start_shift")}</Button>
          </>
        ) : agent.ready ? (
          <>
            <h1>{say("empty_ready", { time: clock(agent.since), count: waiting })}</h1>
            {self.value?.demo && (
              <Button icon="phone-incoming" onPress={() => attempt("", () => tell("/try-call"))}>{say("try_call")}</Button>
            )}
          </>
        ) : (
          <>
            <h1>{say("empty_not_ready", { key: "F9" })}</h1>
            {agent.reason_until && (
              <p class={agent.reason_until < now.value ? "near" : "muted"}>{say("break_over", { time: clock(agent.reason_until) })}</p>
            )}
          </>
        )}
      </div>
    </section>
  );
}
