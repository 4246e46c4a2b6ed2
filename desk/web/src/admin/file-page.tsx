import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { go } from "../lib/router";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Strip } from "../ui/strip";
import { Tabs } from "../ui/tabs";
import { Conflict } from "./conflict";
import { Others, TextTab } from "./editor";
import { type CentreFile, fileOf } from "./file";
import { flaw } from "./flaws";
import { HistoryTab } from "./history";
import { toField } from "./places";
import { SaveBar } from "./save-bar";
import { type SectionId, type Tab, addressOf, below } from "./sections";

interface FilePageProps {
  readonly id: string;
  readonly section: SectionId;
  readonly tab: Tab;
  readonly title: string;
  readonly intro: string;
  /** What the file says, as fields; without it there is only the text. */
  readonly form?: (file: CentreFile) => ComponentChildren;
  /** The text, where it is more than the file's own. */
  readonly text?: (file: CentreFile) => ComponentChildren;
  readonly extra?: ComponentChildren;
}

/** One file of the centre: as a form, as text, and what became of it. */
export function FilePage({ id, section, tab, title, intro, form, text, extra }: FilePageProps) {
  const file = fileOf(id);
  useEffect(() => void file.load(), [file]);
  const stored = file.stored.value;
  const tabs: { id: Tab; label: string }[] = [{ id: "teks", label: say("tab_text") }, { id: "riwayat", label: say("tab_history") }];
  if (form) tabs.unshift({ id: "formulir", label: say("tab_form") });
  const chosen = tabs.some((each) => each.id === tab) ? tab : "teks";
  return (
    <div class="file-page">
      <header class="page-head">
        <div class="row wrap">
          <h1>{title}</h1>
          {extra}
          <span class="grow" />
          {stored && <span class="small muted"><bdi title={stored.path}>{below(stored.path)}</bdi> · {say("version", { version: stored.version })}</span>}
        </div>
        <p class="muted">{intro}</p>
      </header>
      {file.fault.value !== null && (
        <Strip kind="failure" action={<Button size="small" onPress={() => file.load()}>{common("retry")}</Button>}>{file.fault.value}</Strip>
      )}
      <Tabs label={title} tabs={tabs} chosen={chosen} onChoose={(to) => go(addressOf(section, to as Tab))}>
        {stored === null ? (file.fault.value === null && <p class="muted pad">{say("loading")}</p>)
          : chosen === "riwayat" ? <HistoryTab file={file} />
          : chosen === "teks" ? (text ? text(file) : <TextTab file={file} label={title} />)
          : file.typed.value !== null ? <Typed section={section} /> : <><Summary file={file} /><div class="scrolled">{form?.(file)}</div></>}
      </Tabs>
      {chosen !== "riwayat" && stored !== null && <SaveBar file={file} />}
      {chosen === "riwayat" && file.outcome.value && <p class={`outcome below ${file.outcome.value.good ? "done" : "failed"}`}>{file.outcome.value.text}</p>}
      <Conflict file={file} />
    </div>
  );
}

/** The form waits while the file is being written as text. */
function Typed({ section }: { readonly section: SectionId }) {
  return (
    <div class="empty">
      <Icon name="edit" />
      <p>{say("form_waits")}</p>
      <Button onPress={() => go(addressOf(section, "teks"))}>{say("tab_text")}</Button>
    </div>
  );
}

/** What is wrong, each leading to its field. */
function Summary({ file }: { readonly file: CentreFile }) {
  const all = file.problems.value;
  if (all.length === 0) return null;
  const own = all.filter((each) => file.own(each));
  const others = all.filter((each) => !file.own(each));
  return (
    <div class="summary" role="group" aria-label={say("problems")}>
      {own.length > 0 && <h2 class="label">{say("problems_here", { count: own.length })}</h2>}
      <ul class="problems">
        {own.map((each, n) => (
          <li key={n}>
            <button type="button" onClick={() => toField(each.key)}>
              <Icon name="alert-triangle" /><code>{each.key || say("whole_file")}</code><span>{flaw(each.message)}</span>
            </button>
          </li>
        ))}
      </ul>
      {others.length > 0 && <Others problems={others} />}
    </div>
  );
}
