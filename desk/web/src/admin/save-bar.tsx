import { useId } from "preact/hooks";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import type { CentreFile } from "./file";
import { toField, toLine } from "./places";

/** Save, and lead to what hinders it. */
export async function save(file: CentreFile): Promise<void> {
  if (!file.dirty.peek() || (await file.save())) return;
  const first = file.problems.peek().find((each) => file.own(each));
  if (file.theirs.peek() !== null || !first) return;
  if (file.typed.peek() === null) toField(first.key);
  else toLine(first.line);
}

/** What is not saved yet, why it is changed, and the way to keep it. Its place is there before it is needed. */
export function SaveBar({ file }: { readonly file: CentreFile }) {
  const id = useId();
  const outcome = file.outcome.value;
  const dirty = file.dirty.value;
  const count = file.changes.value.length;
  return (
    <form
      class={`save-bar${dirty ? " dirty" : ""}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save(file);
      }}
    >
      <div class="state">
        {outcome ? (
          <p class={`outcome ${outcome.good ? "done" : "failed"}`}><Icon name={outcome.good ? "check" : "alert-triangle"} />{outcome.text}</p>
        ) : (
          <p class={dirty ? "unsaved" : "muted"}>{file.stale.value ? say("stale") : dirty ? (file.typed.value === null ? say("unsaved", { count }) : say("unsaved_text")) : say("all_saved")}</p>
        )}
      </div>
      <label for={id}>{say("note")}</label>
      <input
        id={id} class="input" maxLength={200} autocomplete="off" placeholder={say("note_hint")} value={file.note.value}
        onInput={(event) => { file.note.value = event.currentTarget.value; }}
      />
      <Button reason={dirty ? null : say("nothing_changed")} onPress={() => file.discard()}>{say("discard")}</Button>
      <Button kind="primary" reason={dirty ? null : say("nothing_changed")} keys="$mod+KeyS" onPress={() => save(file)}>{common("save")}</Button>
    </form>
  );
}
