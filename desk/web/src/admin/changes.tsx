import { useEffect } from "preact/hooks";
import { go } from "../lib/router";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Strip } from "../ui/strip";
import { type Column, DataTable } from "../ui/table";
import { author, moment } from "./history";
import { listed, listFault, loadList } from "./list";
import type { FileInfo } from "./model";
import { scriptName } from "./scripts";
import { addressOf, choose, sectionOf } from "./sections";

/** What was changed last, by whom and why: where somebody begins who wants to know why it is as it is. */
export function ChangesPage() {
  useEffect(() => void loadList(), []);
  const files = (listed.value ?? []).filter(worthARow).sort((a, b) => b.changed_at - a.changed_at);
  return (
    <div class="file-page">
      <header class="page-head"><h1>{say("section_changes")}</h1><p class="muted">{say("changes_intro")}</p></header>
      {listFault.value !== null && <Strip kind="failure" action={<Button size="small" onPress={loadList}>{common("retry")}</Button>}>{listFault.value}</Strip>}
      <div class="scrolled pad-side">
        <div class="box">
          <DataTable
            label={say("section_changes")} columns={COLUMNS()} rows={files} rowKey={(each) => each.id} onSelect={openFile}
            empty={listed.value === null ? (listFault.value === null ? say("loading") : "–") : say("history_empty")}
          />
        </div>
      </div>
    </div>
  );
}

/** Scripts may be many: one that is as it was found, with nothing wrong, would only hide what was changed. */
const worthARow = (file: FileInfo): boolean => sectionOf(file.id)?.id !== "naskah" || file.version > 1 || file.problems > 0;

function openFile(file: FileInfo): void {
  const section = sectionOf(file.id);
  choose(file.id);
  if (section) go(addressOf(section.id, "riwayat"));
}

const COLUMNS = (): readonly Column<FileInfo>[] => [
  {
    id: "part", label: say("part"), heading: true,
    cell: (file) => {
      const section = sectionOf(file.id);
      return (
        <a
          class="row-name" href={addressOf(section?.id ?? "", section ? "riwayat" : "formulir")}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey) return;
            event.preventDefault();
            event.stopPropagation();
            openFile(file);
          }}
        >
          {section ? say(section.label) : file.id}{file.id.startsWith("ivr/") && ` · ${file.id.slice(4)}`}
          {section?.id === "naskah" && ` · ${scriptName(file.id)}`}
        </a>
      );
    },
  },
  { id: "when", label: say("changed_at"), cell: (file) => moment(file.changed_at) },
  { id: "by", label: say("changed_who"), cell: (file) => <bdi>{author(file.changed_by)}</bdi> },
  { id: "note", label: say("note_column"), cell: (file) => <span class="clamp" title={file.note}><bdi>{file.note || "–"}</bdi></span> },
  { id: "version", label: say("version_column"), number: true, cell: (file) => file.version },
  { id: "problems", label: say("problems"), cell: (file) => <span class={`chip ${file.problems > 0 ? "failed" : "good"}`}>{file.problems > 0 ? say("problems_count", { count: file.problems }) : say("in_order")}</span> },
];
