// When the browser's telephone is on: as long as this tab is the desk and the agent's shift goes on. Calls ring there
// first, so it stays off for an agent who began without a microphone, by the telephone on the desk.

import { effect, signal } from "@preact/signals";
import { Refused, Unanswered, ask } from "../lib/api";
import { keep, kept } from "../lib/keep";
import type { PhoneAccount } from "../lib/model";
import { inCall } from "../lib/sounds";
import { tab } from "../lib/tabs";
import { known, me } from "../lib/views";
import * as phone from "../phone/phone";
import { lookForDevices } from "../phone/devices";
import { deskPhoneUp } from "./doing";

const AGAIN_MS = 5_000;
let wanted = false;

const microphoneLess = signal(kept("session", "microphone_less", false));

/** Say at the start of a shift whether the agent speaks by the telephone on the desk alone. */
export function speakByTelephone(alone: boolean): void {
  microphoneLess.value = alone;
  keep("session", "microphone_less", alone || null);
}

/** Whether the server has no telephone account for this person. */
export const noAccount = signal(false);

export async function connectPhone(): Promise<void> {
  wanted = true;
  try {
    const account = await ask<PhoneAccount>("/me/phone");
    if (wanted) phone.startPhone(account);
    noAccount.value = false;
  } catch (error) {
    if (error instanceof Refused) {
      noAccount.value = true;
      phone.line.value = "refused";
    } else if (error instanceof Unanswered) {
      phone.line.value = "lost";
      setTimeout(() => {
        if (wanted && phone.line.value === "lost") void connectPhone();
      }, AGAIN_MS);
    } else throw error;
  }
}

export function disconnectPhone(): void {
  wanted = false;
  phone.stopPhone();
}

export function watchPhone(): void {
  effect(() => {
    if (!known.value) return;
    const on = tab.value === "here" && Boolean(me.value?.signed_in) && !(microphoneLess.value && deskPhoneUp());
    if (on && !wanted) void connectPhone();
    if (!on && wanted) disconnectPhone();
  });
  effect(() => {
    inCall.value = phone.call.value === "up";
  });
  void lookForDevices();
  navigator.mediaDevices?.addEventListener("devicechange", () => void lookForDevices());
}
