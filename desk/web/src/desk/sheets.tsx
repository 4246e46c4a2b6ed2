import { useSignal } from "@preact/signals";
import type { Contact } from "../lib/model";
import { actions, allowSingleKeys, isSingle, keysOf, shown, singleKeys, type Action } from "../lib/keys";
import { chooseSounds, play, soundSettings } from "../lib/sounds";
import { choose, chosen, devices } from "../phone/devices";
import * as phone from "../phone/phone";
import { say as common } from "../text/common";
import { say as customer } from "../text/customer";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Combobox } from "../ui/combobox";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { CHANNEL_ICON } from "../lib/words";
import { AppointmentSheet, appointmentCommands } from "./appointment";
import { contactLine, contactName } from "./contact";
import { hangUp, verb } from "./doing";
import { inHand, select, selected, sheet } from "./place";
import { articleCommands } from "./scripts";
import { SidePanel } from "./side";
import { TransferSheet } from "./transfer-sheet";

const close = (): void => {
  sheet.value = null;
};

/** The sheet that is open, if any. */
export function Sheets() {
  const contact = selected.value;
  switch (sheet.value) {
    case "transfer":
      return contact && <TransferSheet contact={contact} onClose={close} />;
    case "side":
      return contact && <Sheet title={customer("side")} onClose={close}><SidePanel contact={contact} /></Sheet>;
    case "keypad":
      return contact && <Keypad contact={contact} />;
    case "hang-up":
      return contact && <HangUp contact={contact} />;
    case "machine":
      return contact && <Machine contact={contact} />;
    case "appointment":
      return <AppointmentSheet contact={contact} onClose={close} />;
    case "keys":
      return <Keys />;
    case "commands":
      return <Commands />;
    case "settings":
      return <Settings />;
    default:
      return null;
  }
}

function HangUp({ contact }: { readonly contact: Contact }) {
  const end = async (): Promise<void> => {
    close();
    await hangUp(contact);
  };
  return (
    <Sheet
      title={say("hang_up_ask", { who: contactName(contact) })}
      onClose={close}
      footer={
        <>
          <Button onPress={close} first>{common("back")}</Button>
          <Button kind="end" icon="phone-off" onPress={end}>{say("hang_up_do")}</Button>
        </>
      }
    >
      <p class="muted">{say("hang_up_hint")}</p>
    </Sheet>
  );
}

function Machine({ contact }: { readonly contact: Contact }) {
  const end = async (): Promise<void> => {
    close();
    await verb(contact, "machine");
  };
  return (
    <Sheet
      title={say("machine_ask")}
      onClose={close}
      footer={
        <>
          <Button onPress={close} first>{common("back")}</Button>
          <Button kind="end" icon="record-mail" onPress={end}>{say("machine_do")}</Button>
        </>
      }
    >
      <p class="muted">{say(contact.kind === "callback" ? "machine_hint_callback" : "machine_hint")}</p>
    </Sheet>
  );
}

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

function Keypad({ contact }: { readonly contact: Contact }) {
  const sent = useSignal("");
  const press = (key: string): void => {
    sent.value += key;
    void verb(contact, "keys", { keys: key });
  };
  const typed = (event: KeyboardEvent): void => {
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    press(event.key);
  };
  return (
    <Sheet title={say("keypad")} onClose={close}>
      <p class="small muted">{say("keys_to_send")}</p>
      <div class="keypad" role="group" aria-label={say("keypad")} onKeyDown={typed}>
        {KEYS.map((key, index) => (
          <button type="button" class="button tall" key={key} data-first={index === 0 ? "" : undefined} onClick={() => press(key)}>{key}</button>
        ))}
      </div>
      <p role="status">{sent.value && say("keys_sent", { keys: sent.value })}</p>
    </Sheet>
  );
}

function Keys() {
  const groups = new Map<string, Action[]>();
  for (const action of actions.value) {
    if (/^contact-[2-9]$/.test(action.id)) continue;
    const group = action.group ?? "";
    groups.set(group, [...(groups.get(group) ?? []), action]);
  }
  return (
    <Sheet title={say("keys_title")} onClose={close} wide>
      <div class="key-groups" data-first tabIndex={-1}>
        {[...groups].map(([group, members]) => (
          <section key={group}>
            <h3 class="label">{group}</h3>
            <dl class="key-list">
              {members.map((action) => (
                <div key={action.id}>
                  <dt>{action.id === "contact-1" ? say("key_contact", { n: "1–9" }) : action.label}</dt>
                  <dd><kbd>{action.id === "contact-1" ? "Alt 1–9" : shown(keysOf(action))}</kbd></dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p class="small muted">{say("key_categories")}</p>
      <label class="checkbox">
        <input type="checkbox" checked={singleKeys.value} onChange={(event) => allowSingleKeys(event.currentTarget.checked)} />
        {say("keys_single")}
      </label>
    </Sheet>
  );
}

function Commands() {
  const doing = actions.value
    .filter((action) => action.command && !(isSingle(keysOf(action)) && !singleKeys.value) && (action.when?.() ?? true))
    .map((action) => ({
      id: action.id, label: action.label, group: common("more"), hint: <kbd>{shown(keysOf(action))}</kbd>, run: action.run,
    }));
  const contacts = inHand.value.map((contact) => ({
    id: `contact-${contact.id}`, label: contactName(contact), also: contactLine(contact), group: say("my_work"),
    hint: <Icon name={CHANNEL_ICON[contact.channel]} />, run: () => select(contact.id),
  }));
  return (
    <Sheet title={say("search")} onClose={close}>
      <Combobox
        first
        label={say("search")}
        items={[...contacts, ...doing, ...appointmentCommands(), ...articleCommands()]}
        onPick={(item) => {
          close();
          // The sheet gives the focus back first; then the command may move it.
          setTimeout(item.run, 0);
        }}
      />
    </Sheet>
  );
}

function Settings() {
  const settings = soundSettings.value;
  const outputs = devices.value.filter((device) => device.kind === "audiooutput");
  const inputs = devices.value.filter((device) => device.kind === "audioinput");
  const change = (microphone: string): void => {
    choose({ microphone });
    void phone.replaceMicrophone();
  };
  return (
    <Sheet title={say("settings")} onClose={close}>
      <Device label={say("microphone")} devices={inputs} value={chosen.value.microphone} onChange={change} first />
      <Device label={say("speaker")} devices={outputs} value={chosen.value.speaker} onChange={(speaker) => choose({ speaker })} />
      <Device label={say("ring_device")} devices={outputs} value={settings.device} onChange={(device) => chooseSounds({ device })} />
      <Volume label={say("ring_volume")} value={settings.ring} onChange={(ring) => { chooseSounds({ ring }); play("ring"); }} />
      <Volume label={say("other_volume")} value={settings.other} onChange={(other) => { chooseSounds({ other }); play("tap"); }} />
      <label class="checkbox">
        <input type="checkbox" checked={settings.visual} onChange={(event) => chooseSounds({ visual: event.currentTarget.checked })} />
        {say("visual_only")}
      </label>
    </Sheet>
  );
}

interface DeviceProps {
  readonly label: string;
  readonly devices: readonly MediaDeviceInfo[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly first?: boolean;
}

export function Device({ label, devices: all, value, onChange, first }: DeviceProps) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <select class="input" value={value} data-first={first ? "" : undefined} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{say("device_default")}</option>
        {all.filter((device) => device.deviceId && device.deviceId !== "default").map((device) => (
          <option value={device.deviceId} key={device.deviceId}>{device.label || device.deviceId.slice(0, 8)}</option>
        ))}
      </select>
    </label>
  );
}

function Volume({ label, value, onChange }: { readonly label: string; readonly value: number; readonly onChange: (value: number) => void }) {
  return (
    <label class="field">
      <span class="label">{label}</span>
      <input type="range" min={0} max={1} step={0.05} value={value} onChange={(event) => onChange(Number(event.currentTarget.value))} />
    </label>
  );
}
