import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { keep, kept } from "../lib/keep";
import { fits } from "../lib/search";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import type { CentreFile } from "./file";
import { within } from "./places";
import { type Path, type Value, at, entriesAt, keyOf } from "./tree";

/** What the names of most entries look like. */
const ID = /^[a-z][a-z0-9_-]{0,39}$/;
/** More entries than this are found by typing. */
const MANY = 12;

interface EntriesProps {
  readonly file: CentreFile;
  readonly path: Path;
  readonly label: string;
  /** How an entry is called in the list. */
  readonly name: (id: string) => string;
  /** What stands below its name; its id, if that is not the name. */
  readonly detail?: (id: string) => string;
  readonly skip?: readonly string[];
  /** What a new entry is called, and what it holds at first. */
  readonly adding: { readonly label: string; readonly hint: string; readonly form?: RegExp; readonly blank: (id: string) => Value };
  /** What stands below the file's own entries and is no such entry. */
  readonly besides?: readonly { readonly id: string; readonly label: string }[];
  /** What stands above the list. */
  readonly above?: ComponentChildren;
  readonly children: (id: string) => ComponentChildren;
}

/** The entries of a file in a list, and the chosen one beside it. What was taken away stays in sight until it is saved. */
export function Entries({ file, path, label, name, detail, skip = [], adding, besides = [], above, children }: EntriesProps) {
  const memory = `admin.at.${file.id}.${keyOf(path)}`;
  const chosen = useSignal<string | null>(kept<string | null>("session", memory, null));
  const isNew = useSignal(false);
  const search = useSignal("");
  const present = entriesAt(file.data.value, path).map(([id]) => id).filter((id) => !skip.includes(id));
  const gone = entriesAt(file.before.value, path).map(([id]) => id).filter((id) => !skip.includes(id) && !present.includes(id));
  const specials = besides.map((each) => each.id);
  const all = [...present, ...specials];
  const at_ = chosen.value !== null && all.includes(chosen.value) ? chosen.value : all[0] ?? null;
  const choose = (id: string): void => {
    chosen.value = id;
    keep("session", memory, id);
  };
  useEffect(() => {
    const show = (event: Event): void => {
      const key = String((event as CustomEvent).detail);
      const found = all.find((id) => within(key, keyOf([...path, id])));
      if (found !== undefined) choose(found);
    };
    addEventListener("sambung-show", show);
    return () => removeEventListener("sambung-show", show);
  });
  const shown = [...present.map((id) => [id, name(id)] as const), ...besides.map((each) => [each.id, each.label] as const)];
  const below = (id: string, title: string): string => (specials.includes(id) ? "" : detail?.(id) ?? (title === id ? "" : id));
  const wrong = (id: string): boolean => file.problems.value.some((each) => file.own(each) && within(each.key, keyOf([...path, id])));
  return (
    <div class="entries">
      <div class="entry-list">
        {above}
        {shown.length > MANY && (
          <input
            class="input" type="search" aria-label={say("search_in", { what: label })} placeholder={say("search")} autocomplete="off"
            value={search.value} onInput={(event) => { search.value = event.currentTarget.value; }}
          />
        )}
        <ul aria-label={label}>
          {shown.filter(([id, title]) => fits(search.value, title, id)).map(([id, title]) => (
            <li key={id}>
              <button type="button" aria-current={id === at_ ? "true" : undefined} onClick={() => choose(id)}>
                <span class="grow"><span class="clamp"><bdi>{title}</bdi></span>{below(id, title) !== "" && <small>{below(id, title)}</small>}</span>
                {wrong(id) && <span class="chip failed"><Icon name="alert-triangle" />{say("wrong")}</span>}
                {at(file.before.value, [...path, id]) === undefined && !specials.includes(id) && <span class="chip offered">{say("new")}</span>}
              </button>
            </li>
          ))}
          {gone.map((id) => (
            <li key={id} class="gone">
              <span class="grow clamp"><s>{id}</s></span>
              <Button size="small" icon="arrow-back-up" name={say("bring_back", { what: id })} onPress={() => file.change([...path, id], at(file.before.peek(), [...path, id]) ?? "")} />
            </li>
          ))}
        </ul>
        <Button icon="plus" popup="dialog" onPress={() => { isNew.value = true; }}>{adding.label}</Button>
      </div>
      <div class="entry">
        {at_ === null ? <div class="empty"><p>{say("no_entries")}</p></div> : (
          <div class="entry-form" key={at_}>
            {children(at_)}
            {!specials.includes(at_) && (
              <div class="row"><Button kind="quiet" icon="trash" onPress={() => file.change([...path, at_], undefined)}>{say("remove", { what: at_ })}</Button></div>
            )}
          </div>
        )}
      </div>
      {isNew.value && (
        <NewEntry
          title={adding.label} hint={adding.hint} taken={all} {...(adding.form ? { form: adding.form } : {})} onClose={() => { isNew.value = false; }}
          onMake={(id) => {
            file.change([...path, id], adding.blank(id));
            choose(id);
            // After the sheet has given the focus back.
            setTimeout(() => document.querySelector<HTMLElement>(".entry-form [data-key]")?.focus(), 30);
          }}
        />
      )}
    </div>
  );
}

interface NewProps {
  readonly title: string;
  readonly hint: string;
  readonly taken: readonly string[];
  readonly form?: RegExp;
  readonly onMake: (id: string) => void;
  readonly onClose: () => void;
}

/** Give a new entry the name by which the other files know it; it cannot be changed afterwards. */
export function NewEntry({ title, hint, taken, form = ID, onMake, onClose }: NewProps) {
  const id = useId();
  const name = useSignal("");
  const tried = useSignal(false);
  const typed = name.value.trim();
  const wrong = taken.includes(typed) ? say("id_taken") : form.test(typed) ? null : say("id_form");
  const make = (): void => {
    tried.value = true;
    if (wrong !== null) return;
    onMake(typed);
    onClose();
  };
  return (
    <Sheet title={title} onClose={onClose} footer={<><Button onPress={onClose}>{common("back")}</Button><Button kind="primary" onPress={make}>{say("add")}</Button></>}>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          make();
        }}
      >
        <label for={id}>{say("new_id")}</label>
        <input
          id={id} class="input" data-first autocomplete="off" autocapitalize="none" spellcheck={false} value={name.value}
          aria-invalid={(tried.value && wrong !== null) || undefined} aria-describedby={`${id}-hint`}
          onInput={(event) => { name.value = event.currentTarget.value; }}
        />
        <p class="hint" id={`${id}-hint`}>{hint}</p>
        {tried.value && wrong !== null && <p class="error" role="alert">{wrong}</p>}
      </form>
    </Sheet>
  );
}
