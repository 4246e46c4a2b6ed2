import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { Refused, ask, tell } from "../lib/api";
import { clock, day } from "../lib/format";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { type CentreFile, inForce, renew, spoken } from "./file";
import { type Line, compare, excerpt } from "./lines";
import type { AdminFile, Saved, Version } from "./model";

/** Who changed a file, when, why and how; and the way back. */
export function HistoryTab({ file }: { readonly file: CentreFile }) {
  const versions = useSignal<readonly Version[] | null>(null);
  const fault = useSignal<string | null>(null);
  const going = useSignal<Version | null>(null);
  const newest = file.stored.value?.version ?? 0;
  useEffect(() => {
    ask<readonly Version[]>(`${file.address}/history`).then(
      (found) => {
        versions.value = [...found].sort((a, b) => b.version - a.version);
        fault.value = null;
      },
      (error: unknown) => { fault.value = spoken(error); },
    );
  }, [file, newest]);
  if (fault.value !== null) return <p class="outcome failed pad"><Icon name="alert-triangle" />{fault.value}</p>;
  if (versions.value === null) return <p class="muted pad">{say("loading")}</p>;
  if (versions.value.length === 0) return <p class="muted pad">{say("history_empty")}</p>;
  const before = versions.value[1];
  return (
    <div class="scrolled">
      <ol class="versions">
        {versions.value.map((each, n) => (
          <VersionItem
            key={each.version} version={each} newest={n === 0} file={file}
            onBack={n > 0 ? () => { going.value = each; } : before ? () => { going.value = before; } : null}
          />
        ))}
      </ol>
      {going.value && <GoBack file={file} version={going.value} onClose={() => { going.value = null; }} />}
    </div>
  );
}

export const moment = (at: number): string => say("moment", { day: day(at), time: clock(at) });
export const author = (by: string | null): string => by ?? say("from_outside");

interface ItemProps {
  readonly version: Version;
  readonly newest: boolean;
  readonly file: CentreFile;
  readonly onBack: (() => void) | null;
}

function VersionItem({ version, newest, file, onBack }: ItemProps) {
  return (
    <li>
      <div class="row wrap">
        <b>{say("version", { version: version.version })}</b>
        {newest && <span class="chip good">{say("version_now")}</span>}
        <span><bdi>{author(version.by)}</bdi></span>
        <span class="muted">{moment(version.at)}</span>
        <span class="grow" />
        {onBack && (
          <Button size="small" icon="arrow-back-up" popup="dialog" reason={file.dirty.value ? say("undo_draft") : null} onPress={onBack}>
            {newest ? say("undo_this") : say("restore")}
          </Button>
        )}
      </div>
      <p class={version.note ? "" : "muted"}><bdi>{version.note || say("no_note")}</bdi></p>
      {version.diff && (
        <details>
          <summary><Icon name="chevron-right" />{say("changed_lines", { added: version.lines_added, removed: version.lines_removed })}</summary>
          <pre class="diff" tabIndex={0} aria-label={say("changes_of", { version: version.version })}>
            {version.diff.split("\n").filter((line) => !/^(---|\+\+\+) ?/.test(line)).map((line, n) => <Row key={n} text={line} />)}
          </pre>
        </details>
      )}
    </li>
  );
}

function Row({ text }: { readonly text: string }) {
  if (text.startsWith("@@")) return <span class="gap">⋯</span>;
  if (text.startsWith("+")) return <ins>{text}</ins>;
  return text.startsWith("-") ? <del>{text}</del> : <span>{text || " "}</span>;
}

/** Two texts with what differs, line by line. */
export function Diff({ lines, label }: { readonly lines: readonly Line[]; readonly label: string }) {
  const shown = excerpt(lines);
  if (shown.length === 0) return <p class="muted">{say("no_difference")}</p>;
  return (
    <pre class="diff" tabIndex={0} aria-label={label}>
      {shown.map((line, n) => <Row key={n} text={line === null ? "@@" : `${{ same: " ", old: "-", new: "+" }[line.kind]}${line.text}`} />)}
    </pre>
  );
}

/** Write an earlier text again, as a new version, after showing what that changes. */
function GoBack({ file, version, onClose }: { readonly file: CentreFile; readonly version: Version; readonly onClose: () => void }) {
  const text = useSignal<string | null>(null);
  const trouble = useSignal<string | null>(null);
  const note = useSignal(say("undo_note", { version: version.version }));
  const id = useId();
  useEffect(() => {
    ask<{ readonly text: string }>(`${file.address}/history/${version.version}`).then(
      (found) => { text.value = found.text; },
      (error: unknown) => { trouble.value = spoken(error); },
    );
  }, []);
  const back = async (): Promise<void> => {
    try {
      const body = { version: version.version, base: file.stored.peek()?.base, note: note.value.trim() };
      const saved = await tell<Saved>(`${file.address}/undo`, body);
      file.take(await ask<AdminFile>(file.address));
      renew();
      file.tellOutcome((saved.reloaded.problems ?? []).length === 0, inForce(saved.reloaded, saved.version));
      onClose();
    } catch (error) {
      trouble.value = error instanceof Refused && error.status === 409 ? say("undo_conflict")
        : error instanceof Refused && error.status === 422 ? say("undo_refused", { why: error.message }) : spoken(error);
      await file.load();
    }
  };
  const now = file.stored.value?.text ?? "";
  return (
    <Sheet
      wide title={say("restore_ask", { version: version.version })} onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{common("back")}</Button>
          <Button kind="primary" icon="arrow-back-up" reason={text.value === null ? say("loading") : null} onPress={back}>{say("restore_do")}</Button>
        </>
      }
    >
      <p class="muted">{say("restore_hint", { by: author(version.by), moment: moment(version.at) })}</p>
      {text.value !== null && <Diff lines={compare(now, text.value)} label={say("restore_changes")} />}
      <div class="field">
        <label for={id}>{say("note")}</label>
        <input id={id} class="input" maxLength={200} autocomplete="off" data-first value={note.value} onInput={(event) => { note.value = event.currentTarget.value; }} />
      </div>
      {trouble.value !== null && <p class="outcome failed" role="alert"><Icon name="alert-triangle" />{trouble.value}</p>}
    </Sheet>
  );
}
