import { labelled } from "../lib/i18n";
import { languageName, reference } from "../lib/session";
import { say } from "../text/admin";
import { Prose } from "../ui/prose";
import { Editor, Others, ProblemList } from "./editor";
import type { CentreFile } from "./file";
import { toLine } from "./places";
import { partsOf } from "./sections";

/** A script as people call it: the queue whose script it is, else its own name, and the language. */
export function scriptName(id: string): string {
  const { name, language } = partsOf(id);
  const queue = reference.value?.queues.find((each) => each.id === name);
  return `${queue ? labelled(queue.name, name) : name} · ${languageName(language) || language}`;
}

/** A script as text; beside it what is wrong, and how agents read it. */
export function ScriptText({ file }: { readonly file: CentreFile }) {
  const text = file.typed.value ?? file.stored.value?.text ?? "";
  const own = file.problems.value.filter((each) => file.own(each));
  const others = file.problems.value.filter((each) => !file.own(each));
  return (
    <div class="text-tab menu-tab">
      <Editor label={scriptName(file.id)} text={text} problems={own} onInput={(now) => file.type(now)} />
      <aside class="beside" aria-label={say("preview")}>
        {own.length > 0 && <ProblemList problems={own} onPick={(each) => toLine(each.line)} />}
        {others.length > 0 && <Others problems={others} />}
        <h2 class="label">{say("preview")}</h2>
        <article lang={partsOf(file.id).language}><Prose text={text} /></article>
      </aside>
    </div>
  );
}
