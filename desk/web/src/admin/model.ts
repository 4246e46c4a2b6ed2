// What the server sends and takes below /admin: desk/admin_model.py, field by field. Times are ms since 1970 UTC.

import type { Self } from "../lib/model";

export type Role = Self["role"];

/** Something wrong with a file, where it stands, and what is allowed. In English, from the checker of the files. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly key: string;
  readonly message: string;
}

export interface AdminFile {
  readonly id: string;
  readonly path: string;
  /** Names the text that a change is made of: another one since is a conflict. */
  readonly base: string;
  readonly version: number;
  readonly text: string;
  readonly data: unknown;
  readonly problems: readonly Problem[];
}

export interface FileInfo {
  readonly id: string;
  readonly path: string;
  readonly version: number;
  readonly changed_at: number;
  /** Null for a change from outside. */
  readonly changed_by: string | null;
  readonly note: string;
  readonly problems: number;
}

export interface Checked {
  readonly text: string;
  readonly problems: readonly Problem[];
}

/** What came of reading the centre again. */
export interface InForce {
  readonly spoken: number;
  readonly rules: boolean;
  readonly later: readonly string[];
  readonly problems?: readonly string[];
}

export interface Saved {
  readonly version: number;
  readonly base: string;
  readonly reloaded: InForce;
}

export interface Version {
  readonly version: number;
  readonly at: number;
  readonly by: string | null;
  readonly note: string;
  readonly lines_added: number;
  readonly lines_removed: number;
  /** Unified; cut off where it is long. */
  readonly diff: string;
}

export interface Prompt {
  readonly name: string;
  readonly texts: Readonly<Record<string, string>>;
  readonly recorded: Readonly<Record<string, boolean>>;
  readonly length_ms: Readonly<Record<string, number | null>>;
  readonly used_by: readonly string[];
  readonly builtin: boolean;
}

export interface SoundVersion {
  readonly version: number;
  readonly at: number;
  readonly by: string | null;
  readonly note: string;
  readonly recorded: boolean;
  readonly length_ms: number | null;
}

export interface SoundSaved {
  readonly version: number;
  readonly length_ms: number | null;
  readonly reloaded: InForce;
}

export interface Drawing {
  readonly svg: string | null;
  readonly problems: readonly Problem[];
}

export interface Account {
  readonly name: string;
  readonly display: string;
  /** Exactly one. */
  readonly roles: readonly Role[];
  readonly agent: string | null;
  readonly disabled: boolean;
  readonly totp: boolean;
  readonly last_seen: number | null;
  readonly sessions: number;
}

/** Shown once. */
export interface FirstPassword {
  readonly name: string;
  readonly password: string;
}
