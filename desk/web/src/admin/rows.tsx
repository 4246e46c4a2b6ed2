import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { NewEntry } from "./entries";
import type { CentreFile } from "./file";
import { flaw } from "./flaws";
import { type Value, at } from "./tree";

interface RowsProps {
  readonly file: CentreFile;
  readonly label: string;
  /** The entries to show, by name. */
  readonly ids: readonly string[];
  readonly columns: readonly ComponentChildren[];
  readonly cells: (id: string) => ComponentChildren;
  readonly adding?: { readonly label: string; readonly hint: string; readonly taken: readonly string[]; readonly blank: () => Value };
  /** Taken away in the draft. */
  readonly gone: readonly string[];
}

/** Small entries, one a row, each value in its field. */
export function Rows({ file, label, ids, columns, cells, adding, gone }: RowsProps) {
  const isNew = useSignal(false);
  return (
    <section class="rows" aria-label={label}>
      <div class="rows-row head" aria-hidden="true">{columns.map((column, n) => <span class="label" key={n}>{column}</span>)}<span /></div>
      {ids.map((id) => {
        const wrong = file.wrong([id]);
        return (
          <div class="rows-row" role="group" aria-label={id} key={id}>
            <code class="clamp" title={id}>{id}{wrong !== null && <span class="error"><Icon name="alert-triangle" />{flaw(wrong)}</span>}</code>
            {cells(id)}
            <Button kind="quiet" size="small" icon="trash" name={say("remove", { what: id })} onPress={() => file.change([id], undefined)} />
          </div>
        );
      })}
      {gone.map((id) => (
        <div class="rows-row gone" key={id}>
          <code><s>{id}</s></code>
          <Button size="small" icon="arrow-back-up" onPress={() => file.change([id], at(file.before.peek(), [id]) ?? "")}>{say("bring_back", { what: id })}</Button>
        </div>
      ))}
      {adding && <div class="rows-foot"><Button icon="plus" popup="dialog" onPress={() => { isNew.value = true; }}>{adding.label}</Button></div>}
      {adding && isNew.value && (
        <NewEntry
          title={adding.label} hint={adding.hint} taken={adding.taken} onClose={() => { isNew.value = false; }}
          onMake={(id) => file.change([id], adding.blank())}
        />
      )}
    </section>
  );
}
