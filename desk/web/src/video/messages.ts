// What the page and the server say to each other in a video call (video/pages.py).

export type Stage = "waiting" | "connecting" | "talking" | "over";

export interface Person {
  readonly participant: string;
  readonly name: string;
  /** "outside" is a telephone: it has no name and no picture. */
  readonly side: "visitor" | "agent" | "colleague" | "outside";
  readonly here: boolean;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}

export interface CallState {
  readonly type: "state";
  readonly me: string;
  readonly stage: Stage;
  readonly since: number;
  readonly now: number;
  readonly position: number | null;
  readonly wait_ms: number | null;
  readonly people: readonly Person[];
  readonly recorded: boolean;
  /** The visitor's own telephone, to which the sound has moved once it is here. */
  readonly telephone: "" | "ringing" | "here";
}

export type StreamLabel = "microphone" | "camera" | "screen";

export interface Shown {
  readonly mid: string;
  readonly participant: string;
  readonly label: StreamLabel;
}

export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly size: number;
  /** A still that an agent took of what the visitor showed. */
  readonly snapshot: boolean;
}

/** What may be handed over. */
export interface FileRules {
  readonly type: "rules";
  readonly largest: number;
  readonly most: number;
  readonly kinds: readonly string[];
}

export interface Line {
  readonly id: number;
  readonly at: number;
  readonly sender: string;
  readonly text: string;
  readonly key: string;
  readonly file: FileInfo | null;
}

export type FromServer =
  | CallState
  | {
      readonly type: "invited";
      readonly role: "participant" | "listener";
      readonly ice: readonly RTCIceServer[];
    }
  | { readonly type: "answer"; readonly sdp: string; readonly shown: readonly Shown[] }
  | { readonly type: "slots"; readonly shown: readonly Shown[] }
  | FileRules
  | { readonly type: "chat"; readonly lines: readonly Line[] }
  | { readonly type: "problem"; readonly code: "later" | "gone" | "refused"; readonly message: string; readonly after_ms: number };

/** Why the server closed the connection for good. */
export const CLOSED = { replaced: 4409, over: 4410, forbidden: 4403, signed_out: 4401 } as const;
