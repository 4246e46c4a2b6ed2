import { useId } from "preact/hooks";
import { say } from "../text/admin";
import { LabelFields, LabelHeads } from "./field";
import type { CentreFile } from "./file";
import { flaw } from "./flaws";
import { blankLabel } from "./labels";
import { Rows } from "./rows";
import { entriesAt, textAt } from "./tree";

const KINDS = ["topic", "unserved"] as const;
type Kind = (typeof KINDS)[number];

/** What contacts are about, below the two kinds that reports tell apart. */
export function CategoriesForm({ file }: { readonly file: CentreFile }) {
  const all = entriesAt(file.data.value, []).map(([id]) => id);
  const gone = entriesAt(file.before.value, []).map(([id]) => id).filter((id) => !all.includes(id));
  const kindOf = (id: string, root = file.data.value): Kind => (textAt(root, [id, "kind"]) === "unserved" ? "unserved" : "topic");
  return (
    <div class="pad tree">
      {KINDS.map((kind) => (
        <section key={kind}>
          <h2>{say(`category_${kind}`)}</h2>
          <p class="small muted">{say(`category_${kind}_hint`)}</p>
          <Rows
            file={file} label={say(`category_${kind}`)} ids={all.filter((id) => kindOf(id) === kind)}
            gone={gone.filter((id) => kindOf(id, file.before.value) === kind)} columns={[say("id"), <LabelHeads key="name" />, say("category_kind")]}
            adding={{
              label: say("category_add"), hint: say("category_add_hint"), taken: all,
              blank: () => ({ name: blankLabel(), ...(kind === "topic" ? {} : { kind }) }),
            }}
            cells={(id) => (
              <>
                <LabelFields file={file} path={[id, "name"]} label={say("name")} />
                <KindField file={file} id={id} />
              </>
            )}
          />
        </section>
      ))}
    </div>
  );
}

/** Moves a category to the other branch. A kind that is not known stays, and says what is wrong with it. */
function KindField({ file, id }: { readonly file: CentreFile; readonly id: string }) {
  const field = useId();
  const value = textAt(file.data.value, [id, "kind"]) || "topic";
  const wrong = file.wrong([id, "kind"]);
  return (
    <div class="field short">
      <label for={field}>{say("category_kind")}</label>
      <select
        id={field} class="input" value={value} data-key={`${id}.kind`} aria-invalid={wrong !== null || undefined}
        onChange={(event) => file.change([id, "kind"], event.currentTarget.value === "topic" ? undefined : event.currentTarget.value)}
      >
        {!KINDS.some((kind) => kind === value) && <option value={value}>{value}</option>}
        {KINDS.map((kind) => <option key={kind} value={kind}>{say(`category_${kind}`)}</option>)}
      </select>
      {wrong !== null && <p class="error">{flaw(wrong)}</p>}
    </div>
  );
}
