// What the server sends and takes: desk/model.py and desk/bodies.py, field by field. docs/api.md has the routes.
// Times are milliseconds since 1970 UTC by the server's clock; `*_ms` are durations. An absent thing is null; fields
// that the server leaves out at their default are optional here.

export type Channel = "voice" | "video" | "walkin" | "whatsapp" | "email" | "instagram" | "chat";
export type Kind = "inbound" | "callback" | "consult" | "outbound";
export type Phase =
  | "in_menu" | "with_bot" | "waiting" | "offered" | "connecting" | "talking" | "held" | "parked" | "wrapping" | "closed";
export type AgentState = "signed_out" | "not_ready" | "ready" | "offered" | "talking" | "held" | "wrapping";
export type Health = "good" | "near" | "over" | "none";
export type QueueState = "open" | "paused" | "draining";
export type Topic = "desk" | "centre" | "queues" | "colleagues" | "agents" | "contacts" | "wallboard";
export type Language = "id" | "en";
/** What people read, by language. */
export type Label = Readonly<Record<string, string>>;

export interface Party {
  readonly who: "customer" | "agent" | "colleague" | "outside" | "supervisor";
  readonly agent?: string | null;
  readonly muted?: boolean;
  readonly held?: boolean;
  /** False while the device rings; absent means true. */
  readonly joined?: boolean;
  readonly mode?: "" | "listen" | "whisper" | "barge";
  /** By which a colleague or a telephone was asked into a video call. */
  readonly consult?: string | null;
}

export interface CallLive {
  readonly parties?: readonly Party[];
  readonly recording?: "on" | "paused" | "off";
  /** The consultation about this contact. */
  readonly consult?: string | null;
  readonly talking_to?: "customer" | "colleague" | "all" | "nobody";
  readonly room?: string | null;
}

export interface Why {
  readonly rule: "contact_searched" | "agent_pulled" | "preferred" | "directed";
  readonly waited_ms: number;
  readonly eligible: number;
}

export interface Offer {
  readonly offer: number;
  readonly until: number;
  readonly since: number;
  readonly why: Why | null;
}

export interface Contact {
  readonly id: string;
  readonly channel: Channel;
  readonly kind: Kind;
  readonly phase: Phase;
  readonly since: number;
  readonly arrived_at: number;
  readonly queue: string | null;
  readonly agent: string | null;
  readonly priority: number;
  /** Masked. */
  readonly caller: string | null;
  readonly language: string | null;
  readonly parent: string | null;
  readonly offer: Offer | null;
  readonly until: number | null;
  readonly extensions: number | null;
  /** Live consultations about it. */
  readonly consults?: readonly string[];
  readonly score?: number | null;
  readonly needs?: Readonly<Record<string, number>>;
  readonly call: CallLive | null;
  readonly category: string | null;
  /** Where in the menu the caller is or was. */
  readonly menu?: string | null;
  /** When the appointment begins by which a visitor by video came. */
  readonly appointment_at?: number | null;
  /** What a visitor by video wants to talk about. */
  readonly about?: Label | null;
}

export interface Phone {
  readonly endpoint: string;
  readonly kind: "browser" | "telephone";
  readonly up: boolean;
}

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly state: AgentState;
  readonly since: number;
  readonly signed_in: boolean;
  readonly ready: boolean;
  readonly reason: string | null;
  readonly reason_until: number | null;
  readonly next_not_ready: string | null;
  readonly reach: readonly Channel[];
  /** Out of 100; what is offered counts. */
  readonly load: number;
  readonly offered_load: number;
  readonly work: readonly string[];
  readonly queues: readonly string[];
  readonly desk: boolean;
  readonly phones: readonly Phone[];
}

export interface Colleague {
  readonly id: string;
  readonly name: string;
  readonly state: AgentState;
  readonly load: number;
  readonly reach: readonly Channel[];
  readonly queues: readonly string[];
  readonly skills: Readonly<Record<string, number>>;
}

export interface Figures {
  readonly offered: number;
  readonly answered: number;
  readonly answered_in: number;
  readonly abandoned: number;
  readonly abandoned_in: number;
  readonly short_abandoned: number;
  readonly flowed_out: number;
  readonly threshold_ms: number;
  readonly service_level: number | null;
  readonly abandon_rate: number | null;
  readonly asa_ms: number | null;
}

export interface Voicemails {
  readonly new: number;
  readonly taken: number;
  readonly oldest_at: number | null;
  readonly due_at: number | null;
  readonly changed_at: number | null;
}

export interface Queue {
  readonly id: string;
  readonly name: Label;
  readonly state: QueueState;
  readonly reason: string | null;
  readonly by: string | null;
  readonly waiting: number;
  readonly by_channel: Partial<Readonly<Record<Channel, number>>>;
  readonly longest_since: number | null;
  readonly predicted_ms: number | null;
  readonly ready: number;
  readonly working: number;
  readonly signed_in: number;
  readonly half_hour: Figures;
  readonly today: Figures;
  readonly health: Health;
  /** Messages that callers left; null while it is not known. */
  readonly voicemails: Voicemails | null;
}

export interface Tile {
  readonly channel: Channel;
  readonly waiting: number;
  readonly longest_since: number | null;
  readonly limit_ms: number;
  readonly service_level: number | null;
  readonly target: number;
  readonly contacts: number;
  readonly health: Health;
}

export interface Wallboard {
  readonly tiles: readonly Tile[];
  readonly crew: Readonly<Record<"talking" | "ready" | "wrapping" | "not_ready" | "signed_in", number>>;
  readonly handled_today: number;
  readonly alarm: { readonly kind: string; readonly subject: string; readonly value: number; readonly limit: number } | null;
}

export interface Centre {
  readonly closed: boolean;
  readonly reason: string | null;
  readonly by: string | null;
  readonly since: number | null;
  readonly links: readonly { readonly name: string; readonly up: boolean; readonly since: number }[];
  readonly degraded: boolean;
}

export interface Notice {
  readonly kind: "offer_over" | "note" | "signed_out" | "call_out_of_hours";
  readonly id?: string | null;
  readonly offer?: number | null;
  readonly why?: "" | "taken" | "cancelled" | "expired" | "rescinded" | "rejected" | "failed";
  readonly taken_by?: string | null;
  readonly text?: string;
  readonly by?: string;
  readonly urgent?: boolean;
}

export type StreamEvent =
  | { readonly op: "put"; readonly seq: number; readonly topic: Topic; readonly key: string; readonly value: unknown }
  | { readonly op: "drop"; readonly seq: number; readonly topic: Topic; readonly key: string }
  | { readonly op: "tell"; readonly seq: number; readonly topic: Topic; readonly value: Notice };

export interface Snapshot {
  readonly type: "snapshot";
  readonly seq: number;
  readonly now: number;
  readonly topics: readonly Topic[];
  readonly me: Agent | null;
  readonly desk: readonly Contact[];
  readonly centre: Centre | null;
  readonly queues: readonly Queue[];
  readonly colleagues: readonly Colleague[];
  readonly agents: readonly Agent[];
  readonly contacts: readonly Contact[];
  readonly wallboard: Wallboard | null;
}

export interface Batch {
  readonly type: "events";
  readonly seq: number;
  readonly now: number;
  readonly events: readonly StreamEvent[];
}

export type Frame = Snapshot | Batch;

export interface Self {
  readonly user: string;
  readonly title: string;
  readonly role: "agent" | "leader" | "qa" | "supervisor" | "admin";
  readonly agent: string | null;
  readonly language: string;
  readonly rights: readonly string[];
  readonly topics: readonly Topic[];
  readonly expires_at: number;
  readonly now: number;
  /** Whether a synthetic citizen may be asked to call. */
  readonly demo?: boolean;
}

export interface PhoneAccount {
  readonly url: string;
  readonly uri: string;
  readonly user: string;
  readonly password: string;
  readonly realm: string;
  readonly phones: readonly Phone[];
}

export interface Named {
  readonly id: string;
  readonly name: Label;
}

export interface ReasonInfo extends Named {
  readonly limit_ms: number | null;
}

export interface CategoryGroup extends Named {
  readonly items: readonly Named[];
}

export interface Reference {
  readonly centre: Label;
  readonly zone: string;
  readonly languages: readonly Named[];
  readonly queues: readonly Named[];
  readonly skills: readonly Named[];
  readonly reasons: readonly ReasonInfo[];
  readonly categories: readonly CategoryGroup[];
}

export type Target =
  | { readonly kind: "agent"; readonly agent: string }
  | { readonly kind: "queue"; readonly queue: string }
  | { readonly kind: "number"; readonly number: string };
