import { say } from "../text/admin";
import { DurationField, LabelFields, LabelHeads } from "./field";
import type { CentreFile } from "./file";
import { blankLabel } from "./labels";
import { Rows } from "./rows";
import { entriesAt } from "./tree";

/** Why an agent may be not ready, and how long that usually lasts. */
export function ReasonsForm({ file }: { readonly file: CentreFile }) {
  const ids = entriesAt(file.data.value, []).map(([id]) => id);
  const gone = entriesAt(file.before.value, []).map(([id]) => id).filter((id) => !ids.includes(id));
  return (
    <div class="pad">
      <Rows
        file={file} label={say("section_reasons")} ids={ids} gone={gone} columns={[say("id"), <LabelHeads key="name" />, say("reason_limit")]}
        adding={{ label: say("reason_add"), hint: say("reason_add_hint"), taken: ids, blank: () => ({ name: blankLabel() }) }}
        cells={(id) => (
          <>
            <LabelFields file={file} path={[id, "name"]} label={say("name")} />
            <DurationField file={file} path={[id, "limit"]} label={say("reason_limit")} unit="min" placeholder={say("none")} />
          </>
        )}
      />
    </div>
  );
}
