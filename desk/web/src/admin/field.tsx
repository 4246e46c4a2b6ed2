import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { labelled } from "../lib/i18n";
import { reference } from "../lib/session";
import { say } from "../text/admin";
import { Icon } from "../ui/icon";
import type { CentreFile } from "./file";
import { flaw } from "./flaws";
import { type Path, keyOf, listAt, textAt } from "./tree";

export interface Place {
  readonly file: CentreFile;
  readonly path: Path;
}

/** What stands below a field: how to fill it in, and what is wrong with it. */
function Below({ id, hint, wrong }: { readonly id: string; readonly hint?: ComponentChildren; readonly wrong: string | null }) {
  return (
    <>
      {hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
      {wrong !== null && <p class="error" id={`${id}-wrong`}><Icon name="alert-triangle" />{wrong}</p>}
    </>
  );
}

function described(id: string, hint: unknown, wrong: string | null): string | undefined {
  return [hint ? `${id}-hint` : "", wrong !== null ? `${id}-wrong` : ""].filter(Boolean).join(" ") || undefined;
}

function wrongAt({ file, path }: Place): string | null {
  const found = file.wrong(path);
  return found === null ? null : flaw(found);
}

interface FieldProps extends Place {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** An empty field takes the key away. */
  readonly optional?: boolean;
  readonly placeholder?: string;
}

interface TextProps extends FieldProps {
  readonly rows?: number;
  readonly short?: boolean;
  readonly numeric?: boolean;
  readonly lang?: string;
}

export function TextField({ file, path, label, hint, optional, placeholder, rows, short, numeric, lang }: TextProps) {
  const id = useId();
  const wrong = wrongAt({ file, path });
  const value = textAt(file.data.value, path);
  const change = (event: { readonly currentTarget: { readonly value: string } }): void => {
    const text = event.currentTarget.value;
    file.change(path, optional && text.trim() === "" ? undefined : text);
  };
  const shared = {
    id, value, placeholder, lang, "data-key": keyOf(path), "aria-invalid": wrong !== null || undefined,
    "aria-describedby": described(id, hint, wrong), autocomplete: "off" as const, onInput: change,
  };
  return (
    <div class={`field${short ? " short" : ""}`}>
      <label for={id}>{label}</label>
      {rows ? <textarea class="input" rows={rows} {...shared} /> : (
        <input class="input" type="text" inputMode={numeric ? "numeric" : undefined} spellcheck={lang !== undefined} {...shared} />
      )}
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}

const UNITS = ["ms", "s", "min", "h"] as const;

/** A time as the files write it, "30 s": a number and its unit. */
export function DurationField({ file, path, label, hint, placeholder, optional = true, unit: usualUnit = "s" }: FieldProps & { readonly unit?: string }) {
  const id = useId();
  const wrong = wrongAt({ file, path });
  const found = /^(.*?) *(ms|s|min|h)?$/.exec(textAt(file.data.value, path));
  const usual = /^(\S+) (ms|s|min|h)$/.exec(placeholder ?? "");
  const amount = found?.[1] ?? "";
  const unit = found?.[2] ?? usual?.[2] ?? usualUnit;
  const change = (number: string, of: string): void => {
    file.change(path, number.trim() === "" && optional ? undefined : `${number.trim()} ${of}`.trim());
  };
  const shown = UNITS.filter((each) => each !== "ms" || unit === "ms");
  return (
    <div class="field short">
      <label for={id}>{label}</label>
      <div class="duration">
        <input
          id={id} class="input" inputMode="decimal" autocomplete="off" value={amount} placeholder={usual?.[1] ?? placeholder}
          data-key={keyOf(path)} aria-invalid={wrong !== null || undefined} aria-describedby={described(id, hint, wrong)}
          onInput={(event) => change(event.currentTarget.value, unit)}
        />
        <select class="input" aria-label={say("unit_of", { what: label })} value={unit} onChange={(event) => change(amount, event.currentTarget.value)}>
          {shown.map((each) => <option key={each} value={each}>{say(`unit_${each}`)}</option>)}
        </select>
      </div>
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}

export interface Choice {
  readonly id: string;
  readonly label: string;
}

interface ChoiceProps extends FieldProps {
  readonly options: readonly Choice[];
  /** What no choice is called. */
  readonly none?: string;
}

export function ChoiceField({ file, path, label, hint, optional, options, none }: ChoiceProps) {
  const id = useId();
  const wrong = wrongAt({ file, path });
  const value = textAt(file.data.value, path);
  const known = value === "" || options.some((option) => option.id === value);
  return (
    <div class="field short">
      <label for={id}>{label}</label>
      <select
        id={id} class="input" value={value} data-key={keyOf(path)} aria-invalid={wrong !== null || undefined}
        aria-describedby={described(id, hint, wrong)}
        onChange={(event) => file.change(path, event.currentTarget.value === "" && optional ? undefined : event.currentTarget.value)}
      >
        {(optional || value === "") && <option value="">{none ?? say("none")}</option>}
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => <option key={option.id} value={option.id}>{option.label}</option>)}
      </select>
      <Below id={id} hint={hint} wrong={wrong} />
    </div>
  );
}

/** Several of a list, each with its box. */
export function SeveralField({ file, path, label, hint, options }: Omit<ChoiceProps, "none">) {
  const id = useId();
  const wrong = wrongAt({ file, path });
  const chosen = listAt(file.data.value, path);
  const strange = chosen.filter((each) => !options.some((option) => option.id === each)).map((each) => ({ id: each, label: each }));
  const change = (option: string, on: boolean): void => {
    const all = [...options, ...strange].map((each) => each.id);
    file.change(path, all.filter((each) => (each === option ? on : chosen.includes(each))));
  };
  return (
    <fieldset class="field several" aria-describedby={described(id, hint, wrong)}>
      <legend>{label}</legend>
      <div class="checks" data-key={keyOf(path)} tabIndex={-1}>
        {[...options, ...strange].map((option) => (
          <label class="checkbox" key={option.id}>
            <input type="checkbox" checked={chosen.includes(option.id)} onChange={(event) => change(option.id, event.currentTarget.checked)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      <Below id={id} hint={hint} wrong={wrong} />
    </fieldset>
  );
}

/** A text in each of the centre's languages. */
export function LabelFields({ file, path, label, rows }: Place & { readonly label: string; readonly rows?: number }) {
  const languages = reference.value?.languages ?? [];
  const wrong = wrongAt({ file, path });
  return (
    <div class="labels">
      {languages.map((each) => (
        <TextField
          key={each.id} file={file} path={[...path, each.id]} lang={each.id} {...(rows ? { rows } : {})}
          label={say("in_language", { what: label, language: labelled(each.name, each.id) })}
        />
      ))}
      {wrong !== null && <p class="error">{wrong}</p>}
    </div>
  );
}

/** The same for the head of a table. */
export function LabelHeads() {
  return (
    <span class="labels">
      {(reference.value?.languages ?? []).map((each) => <span key={each.id}>{say("in_language", { what: say("name"), language: labelled(each.name, each.id) })}</span>)}
    </span>
  );
}
