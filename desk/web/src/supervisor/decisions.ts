// What is written down of a contact, as the decisions page asks for it.

import type { Channel, Kind, Label, Phase } from "../lib/model";

export interface Verdict {
  readonly agent: string;
  readonly name: string;
  readonly verdict: string;
  readonly load: number;
  readonly since: number;
}

export interface Decision {
  readonly offer: number | null;
  readonly seq: number | null;
  readonly at: number;
  readonly question: Label;
  readonly answer: Label;
  /** At most twenty of them. */
  readonly candidates: readonly Verdict[];
  readonly candidates_in_all: number;
}

export interface Interaction {
  readonly id: string;
  readonly channel: Channel;
  readonly kind: Kind;
  readonly caller: string | null;
  readonly arrived_at: number;
  readonly phase: Phase;
  readonly queue: string | null;
  readonly agent: string | null;
  readonly outcome: string | null;
}

export interface Transition {
  readonly seq: number;
  readonly at: number;
  readonly phase: Phase;
  readonly cause: string;
  readonly actor: string;
  readonly queue: string | null;
  readonly agent: string | null;
}

export interface Segment {
  readonly seq: number;
  readonly queue: string | null;
  readonly agent: string | null;
  readonly wait_ms: number;
  readonly ring_ms: number;
  readonly talk_ms: number;
  readonly hold_ms: number;
  readonly wrap_ms: number;
  readonly result: string;
}

export interface History {
  readonly interaction: Interaction;
  readonly transitions: readonly Transition[];
  readonly segments: readonly Segment[];
}

export interface Summary {
  readonly interaction: Interaction;
  readonly offers: number;
  readonly wait_ms: number;
  readonly talk_ms: number;
}
