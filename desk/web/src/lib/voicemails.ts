// Messages that callers left: desk/voicemail_model.py, field by field, and how many there are by what the stream says.

import { computed } from "@preact/signals";
import { ask, tell } from "./api";
import { may, self } from "./session";
import { me, queues } from "./views";

export interface Voicemail {
  readonly id: string;
  readonly state: "new" | "taken" | "done" | "missing";
  readonly queue: string;
  readonly language: string;
  readonly at: number;
  readonly due_at: number;
  readonly caller: string | null;
  readonly length_ms: number | null;
  readonly sound: boolean;
  readonly agent: string | null;
  readonly agent_name: string | null;
  readonly taken_at: number | null;
  readonly called_at: number | null;
  readonly callback: string | null;
  readonly done_at: number | null;
  readonly done_by: string | null;
  readonly category: string | null;
  readonly note: string;
}

export interface VoicemailPage {
  readonly items: readonly Voicemail[];
  readonly more: boolean;
}

export type Which = "open" | "done";

export function readVoicemails(which: Which, queue: string, limit: number): Promise<VoicemailPage> {
  return ask<VoicemailPage>(`/voicemails?state=${which}&limit=${limit}${queue ? `&queue=${encodeURIComponent(queue)}` : ""}`);
}

export const readVoicemail = (id: string): Promise<Voicemail> => ask<Voicemail>(`/voicemails/${id}`);

export const soundOf = (id: string): string => `/api/v1/voicemails/${id}/sound`;

export type Verb = "take" | "put-back" | "done" | "call-back" | "delete";

export const tellVoicemail = <T>(id: string, verb: Verb, body: unknown = {}): Promise<T> => tell<T>(`/voicemails/${id}/${verb}`, body);

/** Queues of whose messages this person may know. */
const own = computed(() => {
  const all = [...queues.value.values()];
  if (may("listen")) return all;
  const mine = new Set(me.value?.queues ?? []);
  return self.value === null ? [] : all.filter((queue) => mine.has(queue.id));
});

/** How many wait, and since when one should have been answered; null while it is not known. */
export const waitingVoicemails = computed(() => {
  const known = own.value.map((queue) => queue.voicemails).filter((each) => each !== null && each !== undefined);
  if (known.length === 0) return null;
  const due = known.map((each) => each.due_at).filter((at) => at !== null);
  return { count: known.reduce((sum, each) => sum + each.new, 0), due: due.length > 0 ? Math.min(...due) : null };
});

/** Another text whenever one of them changed: what was read before is to be read again. */
export const voicemailsChanged = computed(() =>
  own.value.map(({ id, voicemails }) => `${id} ${voicemails?.new} ${voicemails?.taken} ${voicemails?.changed_at}`).join(),
);
