// What the keys of the desk do.

import { computed } from "@preact/signals";
import { type Action, actions } from "../lib/keys";
import { me } from "../lib/views";
import * as phone from "../phone/phone";
import { say as customer } from "../text/customer";
import { say } from "../text/desk";
import { say as voicemail } from "../text/voicemail";
import { openCases } from "./cases";
import { isConsulting, isSpoken, mayBeMachine } from "./contact";
import { hold, setIntent, verb } from "./doing";
import { accept, offered, skip } from "./offers";
import { focusOn, focusSoon, inHand, nextPane, presenceOpen, select, selected, sheet, step } from "./place";
import { openSide } from "./side";
import { openVoicemails } from "./voicemails";

/** The contact on the screen, if it is a call that goes on. */
export function liveCall(): typeof selected.value {
  const contact = selected.value;
  return contact && isSpoken(contact) && /^(talking|held)$/.test(contact.phase) ? contact : null;
}

/** The same by video too: what can be done with a colleague's help. */
function liveTalk(): typeof selected.value {
  const contact = selected.value;
  return contact?.channel === "video" && /^(talking|held)$/.test(contact.phase) ? contact : liveCall();
}

function toggleMute(): void {
  phone.mute(!phone.muted.value);
}

export function toggleReady(): void {
  const agent = me.value;
  if (!agent?.signed_in) return;
  if (agent.ready) presenceOpen.value = true;
  else void setIntent(true);
}

/** F9: more time while wrapping up, otherwise ready or not. */
function nine(): void {
  const contact = selected.value;
  if (contact?.phase === "wrapping" && (contact.extensions ?? 0) > 0) void verb(contact, "wrap-up-extend");
  else toggleReady();
}

function seven(): void {
  const contact = liveTalk();
  if (!contact) return;
  if (isConsulting(contact)) void verb(contact, "complete");
  else sheet.value = "transfer";
}

const live = (): boolean => liveCall() !== null;

const all = computed<readonly Action[]>(() => [
  {
    id: "accept", keys: "F2", label: say("key_accept"), group: say("keys_group_offer"),
    when: () => offered.value !== null,
    run: () => {
      void accept();
      focusSoon("[data-contact-heading]");
    },
  },
  { id: "skip", keys: "F4", label: say("key_skip"), group: say("keys_group_offer"), when: () => offered.value !== null, run: () => void skip() },
  { id: "mute", keys: "Alt+KeyM", label: say("key_mute"), group: say("keys_group_call"), command: true, when: () => phone.call.value === "up", run: toggleMute },
  {
    id: "hold", keys: "Alt+KeyH", label: say("key_hold"), group: say("keys_group_call"), command: true,
    when: () => live() && !isConsulting(selected.value as NonNullable<typeof selected.value>),
    run: () => {
      const contact = liveCall();
      if (contact) void hold(contact);
    },
  },
  { id: "keypad", keys: "Alt+KeyD", label: say("key_keypad"), group: say("keys_group_call"), command: true, when: live, run: () => { sheet.value = "keypad"; } },
  { id: "transfer", keys: "F7", label: say("key_transfer"), group: say("keys_group_call"), command: true, when: () => liveTalk() !== null, run: seven },
  {
    id: "machine", keys: "Alt+KeyJ", label: say("key_machine"), group: say("keys_group_call"), command: true,
    when: () => selected.value !== null && mayBeMachine(selected.value),
    run: () => { sheet.value = "machine"; },
  },
  { id: "end", keys: "Control+Shift+KeyE", label: say("key_end"), group: say("keys_group_call"), command: true, when: live, run: () => { sheet.value = "hang-up"; } },
  {
    id: "consult-back", keys: "Escape", label: say("key_consult_back"), group: say("keys_group_call"),
    when: () => {
      const contact = liveTalk();
      return contact !== null && isConsulting(contact);
    },
    run: () => {
      const contact = liveTalk();
      if (contact) void verb(contact, "end-consult");
    },
  },
  { id: "ready", keys: "F9", label: say("key_ready"), group: say("keys_group_desk"), command: true, run: nine },
  { id: "reasons", keys: "Shift+F9", label: say("key_reasons"), group: say("keys_group_desk"), run: () => { presenceOpen.value = true; } },
  { id: "alert", keys: "F8", label: say("key_alert"), group: say("keys_group_desk"), run: () => focusOn(".strip button, .strip a") },
  { id: "pane", keys: "F6", label: say("key_pane"), group: say("keys_group_desk"), run: () => nextPane(1) },
  { id: "pane-back", keys: "Shift+F6", label: say("key_pane_back"), group: say("keys_group_desk"), run: () => nextPane(-1) },
  { id: "next", keys: "Alt+ArrowDown", label: say("key_next"), group: say("keys_group_desk"), run: () => step(1) },
  { id: "previous", keys: "Alt+ArrowUp", label: say("key_previous"), group: say("keys_group_desk"), run: () => step(-1) },
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => ({
    id: `contact-${n}`, keys: `Alt+Digit${n}`, label: say("key_contact", { n }), group: say("keys_group_desk"),
    run: () => {
      const contact = inHand.value[n - 1];
      if (contact) select(contact.id);
    },
  })),
  { id: "category", keys: "Alt+KeyK", label: say("key_category"), group: say("keys_group_desk"), command: true, when: () => selected.value !== null, run: () => focusOn("[data-category]") },
  { id: "notes", keys: "Alt+KeyN", label: say("key_notes"), group: say("keys_group_desk"), command: true, when: () => selected.value !== null, run: () => focusOn("[data-notes]") },
  { id: "side", keys: "Alt+KeyR", label: customer("side_open"), group: say("keys_group_desk"), command: true, when: () => selected.value !== null, run: openSide },
  { id: "cases", keys: "Alt+KeyL", label: customer("cases_open"), group: say("keys_group_desk"), command: true, run: openCases },
  { id: "voicemails", keys: "Alt+KeyP", label: voicemail("open_list"), group: say("keys_group_desk"), command: true, run: openVoicemails },
  { id: "commands", keys: "$mod+KeyK", label: say("key_commands"), group: say("keys_group_desk"), run: () => { sheet.value = "commands"; } },
  { id: "help", keys: "[Shift]+?", label: say("key_help"), group: say("keys_group_desk"), command: true, run: () => { sheet.value = "keys"; } },
]);

export function bindDeskKeys(): void {
  all.subscribe((list) => {
    actions.value = list;
  });
}
