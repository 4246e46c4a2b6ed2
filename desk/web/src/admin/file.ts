// One file of the centre under somebody's hands: as it is stored, the draft, what the checker says, and saving.
// A draft outlives a change of page and a reload; it is gone only when it is saved or thrown away.

import { computed, effect, signal } from "@preact/signals";
import { announce } from "../lib/announce";
import { Refused, Unanswered, ask, tell } from "../lib/api";
import { keep, kept } from "../lib/keep";
import type { Reference } from "../lib/model";
import { leave, reference } from "../lib/session";
import { problem } from "../lib/words";
import { say } from "../text/admin";
import type { AdminFile, Checked, InForce, Problem, Saved } from "./model";
import { type Edit, type Path, type Value, edits, keyOf, set, values, without } from "./tree";

const PAUSE_MS = 500;

interface Kept {
  readonly stored: AdminFile;
  readonly form: Value | null;
  readonly typed: string | null;
}

export type Outcome = { readonly good: boolean; readonly text: string };

export class CentreFile {
  /** As the draft was begun from; null until it was read. */
  readonly stored = signal<AdminFile | null>(null);
  /** Why it could not be read. */
  readonly fault = signal<string | null>(null);
  /** The draft of the form; null while nothing was changed there. */
  readonly form = signal<Value | null>(null);
  /** The draft as text; null while nothing was typed. */
  readonly typed = signal<string | null>(null);
  /** What the checker says of the draft, or of what is stored. */
  readonly problems = signal<readonly Problem[]>([]);
  /** What somebody else saved meanwhile. */
  readonly theirs = signal<AdminFile | null>(null);
  /** The file's text with what the form changed; null until it was asked for. */
  readonly rendered = signal<string | null>(null);
  /** Whether somebody saved the file since the draft was begun. */
  readonly stale = signal(false);
  readonly outcome = signal<Outcome | null>(null);
  readonly note = signal("");

  readonly before = computed<Value>(() => values(this.stored.value?.data ?? {}));
  readonly data = computed<Value>(() => this.form.value ?? this.before.value);
  readonly changes = computed<readonly Edit[]>(() => (this.form.value === null ? [] : edits(this.before.value, this.form.value)));
  readonly dirty = computed(() => this.typed.value !== null || this.changes.value.length > 0);

  private timer: ReturnType<typeof setTimeout> | undefined;
  private round = 0;

  constructor(readonly id: string) {
    const draft = kept<Kept | null>("session", `admin.${id}`, null);
    if (draft !== null) {
      this.stored.value = draft.stored;
      this.form.value = draft.form;
      this.typed.value = draft.typed;
      this.later();
    }
    effect(() => {
      const draft: Kept | null = this.dirty.value && this.stored.value
        ? { stored: this.stored.value, form: this.form.value, typed: this.typed.value } : null;
      keep("session", `admin.${id}`, draft);
    });
  }

  get address(): string {
    return `/admin/files/${this.id.split("/").map(encodeURIComponent).join("/")}`;
  }

  /** Read what is stored, unless there is a draft. */
  async load(): Promise<void> {
    if (this.dirty.peek()) return;
    try {
      this.take(await ask<AdminFile>(this.address));
      this.fault.value = null;
    } catch (error) {
      if (this.stored.peek() === null) this.fault.value = spoken(error);
    }
  }

  take(file: AdminFile): void {
    this.stored.value = file;
    this.form.value = null;
    this.typed.value = null;
    this.rendered.value = null;
    this.stale.value = false;
    this.problems.value = file.problems;
  }

  /** Learn how the draft of the form reads as text. */
  async render(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.tellOutcome(false, spoken(error));
    }
  }

  /** Change a value of the form; undefined takes the key away. */
  change(path: Path, value: Value | undefined): void {
    const data = this.data.peek();
    this.form.value = value === undefined ? without(data, path) : set(data, path, value);
    this.outcome.value = null;
    this.later();
  }

  type(text: string): void {
    this.form.value = null;
    this.typed.value = text === this.stored.peek()?.text ? null : text;
    this.outcome.value = null;
    this.later();
  }

  discard(): void {
    const stored = this.stored.peek();
    if (stored) this.take(stored);
    this.note.value = "";
    this.outcome.value = null;
    void this.load();
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check().catch((error: unknown) => {
      // Without an answer the draft is unchecked; saving will tell.
      this.stale.value = error instanceof Refused && error.status === 409;
    }), PAUSE_MS);
  }

  /** What is sent: the whole text if it was typed, else what the form changed. */
  private draft(): { base: string } & ({ text: string } | { edits: readonly Edit[] }) {
    const base = this.stored.peek()?.base ?? "";
    const typed = this.typed.peek();
    return typed === null ? { base, edits: this.changes.peek() } : { base, text: typed };
  }

  /** Ask what is wrong with the draft, and how it reads as text. An answer to an older draft is dropped. */
  async check(): Promise<Checked | null> {
    clearTimeout(this.timer);
    this.round += 1;
    const round = this.round;
    const found = await tell<Checked>(`${this.address}/check`, this.draft());
    if (round !== this.round) return null;
    this.problems.value = found.problems;
    this.rendered.value = found.text;
    return found;
  }

  /** Save the draft. True if it was. What came of it is in `outcome`, `problems` or `theirs`. */
  async save(): Promise<boolean> {
    clearTimeout(this.timer);
    this.round += 1;
    try {
      const saved = await tell<Saved>(this.address, { ...this.draft(), note: this.note.peek().trim() }, { method: "PUT" });
      this.take(await ask<AdminFile>(this.address));
      this.note.value = "";
      renew();
      this.tellOutcome((saved.reloaded.problems ?? []).length === 0, inForce(saved.reloaded, saved.version));
      return true;
    } catch (error) {
      if (error instanceof Refused && error.status === 409) await this.meet();
      else if (error instanceof Refused && error.status === 422) await this.refused(error);
      else this.tellOutcome(false, spoken(error));
      return false;
    }
  }

  private async refused(error: Refused): Promise<void> {
    const found = await this.check().catch(() => null);
    const wrong = found?.problems.length ?? 0;
    this.tellOutcome(false, wrong > 0 ? say("refused", { count: wrong }) : spoken(error));
  }

  /** Somebody else was faster: see what is there now. */
  private async meet(): Promise<void> {
    try {
      this.theirs.value = await ask<AdminFile>(this.address);
    } catch (error) {
      this.tellOutcome(false, spoken(error));
    }
  }

  /** Go on from what the other saved, with a draft that holds what shall be of both. */
  rebase(form: Value | null, typed: string | null): void {
    const theirs = this.theirs.peek();
    if (theirs === null) return;
    this.take(theirs);
    this.form.value = form;
    this.typed.value = typed === theirs.text ? null : typed;
    this.theirs.value = null;
    this.later();
  }

  /** What is wrong at a place of the form. */
  wrong(path: Path): string | null {
    const key = keyOf(path);
    const found = this.problems.value.filter((each) => each.key === key && this.own(each));
    return found.length > 0 ? found.map((each) => each.message).join(" ") : null;
  }

  /** Whether a problem is of this file, and not of one that uses its names. */
  own(found: Problem): boolean {
    const path = this.stored.value?.path ?? "";
    return found.file === path || found.file.endsWith(`/${path}`) || path.endsWith(`/${found.file}`);
  }

  tellOutcome(good: boolean, text: string): void {
    this.outcome.value = { good, text };
    announce(text, !good);
  }
}

/** Learn the centre's words anew, for they may be what was changed. Without an answer the old ones stay. */
export function renew(): void {
  ask<Reference>("/reference").then((found) => { reference.value = found; }, () => undefined);
}

/** What a saved change means for the centre that runs. */
export function inForce(found: InForce, version: number): string {
  const problems = found.problems ?? [];
  if (problems.length > 0) return say("saved_not_in_force", { version, why: problems.join(" ") });
  if (found.later.length > 0) return say("saved_later", { version, what: found.later.join(", ") });
  return say("saved", { version });
}

/** Whether the page is left for the sign-in, which comes back here. */
let leaving = false;

/** What went wrong, for the person; whoever is signed out is led to sign in, with the draft kept. */
export function spoken(error: unknown): string {
  if (error instanceof Refused && error.status === 401) {
    leaving = true;
    leave();
  }
  if (error instanceof Refused || error instanceof Unanswered) return problem(error);
  throw error;
}

const files = new Map<string, CentreFile>();
/** The names of the files that are open here. */
const opened = signal<readonly string[]>([]);

export function fileOf(id: string): CentreFile {
  let file = files.get(id);
  if (!file) {
    file = new CentreFile(id);
    files.set(id, file);
    opened.value = [...opened.peek(), id];
  }
  return file;
}

/** Which files have a draft. */
export const drafts = computed<readonly string[]>(() => opened.value.filter((id) => files.get(id)?.dirty.value));

/** Ask before the page is left with a draft. The browser's own question: no other can hold it back. */
export function guard(): void {
  addEventListener("beforeunload", (event) => {
    if (!leaving && drafts.peek().length > 0) event.preventDefault();
  });
}
