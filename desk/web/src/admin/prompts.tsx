import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../lib/api";
import { labelled } from "../lib/i18n";
import { reference } from "../lib/session";
import { say } from "../text/admin";
import { Icon } from "../ui/icon";
import { Entries } from "./entries";
import { TextField } from "./field";
import { type CentreFile, spoken } from "./file";
import { labelAt } from "./labels";
import type { Prompt } from "./model";
import { Sound } from "./sound";
import { entriesAt } from "./tree";

const NAME = /^[a-z0-9][a-z0-9._-]{0,59}$/;

/** What callers hear: the text in each language, or a recording that is played instead. */
export function PromptsForm({ file }: { readonly file: CentreFile }) {
  const prompts = useSignal<ReadonlyMap<string, Prompt>>(new Map());
  const fault = useSignal<string | null>(null);
  const pieces = useSignal(false);
  const load = async (): Promise<void> => {
    try {
      const found = await ask<readonly Prompt[]>("/admin/prompts");
      prompts.value = new Map(found.map((each) => [each.name, each]));
      fault.value = null;
    } catch (error) {
      fault.value = spoken(error);
    }
  };
  const version = file.stored.value?.version;
  useEffect(() => void load(), [version]);
  const written = new Set(entriesAt(file.data.value, []).map(([id]) => id));
  const builtin = pieces.value ? [...prompts.value.values()].filter((each) => each.builtin && !written.has(each.name)) : [];
  const title = (id: string): string => labelAt(file.data.value, [id], labelled(prompts.value.get(id)?.texts, id));
  return (
    <Entries
      file={file} path={[]} label={say("section_prompts")} name={title}
      besides={builtin.map((each) => ({ id: each.name, label: labelled(each.texts, each.name) }))}
      adding={{ label: say("prompt_add"), hint: say("prompt_add_hint"), form: NAME, blank: () => Object.fromEntries((reference.value?.languages ?? []).map((each) => [each.id, ""])) }}
      above={(
        <>
          {fault.value !== null && <p class="outcome failed"><Icon name="alert-triangle" />{fault.value}</p>}
          <label class="checkbox">
            <input type="checkbox" checked={pieces.value} onChange={(event) => { pieces.value = event.currentTarget.checked; }} /><span>{say("prompt_pieces")}</span>
          </label>
        </>
      )}
    >
      {(id) => <PromptForm file={file} id={id} prompt={prompts.value.get(id) ?? null} onChanged={load} />}
    </Entries>
  );
}

interface PromptProps {
  readonly file: CentreFile;
  readonly id: string;
  readonly prompt: Prompt | null;
  readonly onChanged: () => Promise<void>;
}

function PromptForm({ file, id, prompt, onChanged }: PromptProps) {
  const languages = reference.value?.languages ?? [];
  return (
    <>
      <div>
        <h2><code>{id}</code></h2>
        <p class="small muted">
          {prompt?.builtin ? say("prompt_builtin") : prompt && prompt.used_by.length > 0 ? say("prompt_used", { where: prompt.used_by.join(", ") }) : prompt ? say("prompt_unused") : say("prompt_new")}
        </p>
      </div>
      {languages.map((each) => (
        <section class="prompt" key={`${id}.${each.id}`} aria-label={labelled(each.name, each.id)}>
          <TextField
            file={file} path={[id, each.id]} lang={each.id} rows={4} label={say("prompt_text", { language: labelled(each.name, each.id) })}
            {...(prompt?.builtin ? { placeholder: prompt.texts[each.id] ?? "" } : {})}
          />
          {prompt && <Sound prompt={prompt} language={each.id} languageName={labelled(each.name, each.id)} unsaved={file.dirty.value} onChanged={onChanged} />}
        </section>
      ))}
    </>
  );
}
