import { useEffect, useRef } from "preact/hooks";
import { go } from "../lib/router";
import { say } from "../text/admin";
import { Icon } from "../ui/icon";
import type { CentreFile } from "./file";
import { flaw } from "./flaws";
import type { Problem } from "./model";
import { toLine } from "./places";
import { addressOf, below, choose, idOf, sectionOf } from "./sections";

interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly onInput: (text: string) => void;
}

/** A text with numbered lines; lines with a problem are marked. Tab leaves it, as it leaves every field. */
export function Editor({ label, text, problems, onInput }: EditorProps) {
  const gutter = useRef<HTMLDivElement>(null);
  const wrong = new Set(problems.map((each) => each.line));
  const count = text.split("\n").length;
  const scroll = (event: { readonly currentTarget: HTMLTextAreaElement }): void => {
    if (gutter.current) gutter.current.style.transform = `translateY(${-event.currentTarget.scrollTop}px)`;
  };
  return (
    <div class="editor">
      <div class="gutter" aria-hidden="true">
        <div ref={gutter}>
          {Array.from({ length: count }, (_, n) => <div key={n} class={wrong.has(n + 1) ? "wrong" : ""}>{n + 1}</div>)}
        </div>
      </div>
      <textarea
        aria-label={label} data-editor wrap="off" spellcheck={false} autocomplete="off" autocapitalize="none" value={text}
        aria-invalid={problems.length > 0 || undefined} onScroll={scroll} onInput={(event) => onInput(event.currentTarget.value)}
      />
    </div>
  );
}

/** The whole file as text, with what is wrong beside it. */
export function TextTab({ file, label }: { readonly file: CentreFile; readonly label: string }) {
  const typed = file.typed.value;
  const changed = file.changes.value.length > 0;
  // What the form changed is written into the text by the server, which knows how the file is written.
  useEffect(() => {
    if (typed === null && changed) void file.render();
  }, [changed, typed]);
  const text = typed ?? (changed ? file.rendered.value : file.stored.value?.text) ?? null;
  if (text === null) return <p class="muted pad">{say("loading")}</p>;
  const own = file.problems.value.filter((each) => file.own(each));
  const others = file.problems.value.filter((each) => !file.own(each));
  return (
    <div class="text-tab">
      <Editor label={label} text={text} problems={own} onInput={(now) => file.type(now)} />
      <aside class="beside" aria-label={say("problems")}>
        <ProblemList problems={own} onPick={(each) => toLine(each.line)} />
        {others.length > 0 && <Others problems={others} />}
      </aside>
    </div>
  );
}

export function ProblemList({ problems, onPick }: { readonly problems: readonly Problem[]; readonly onPick: (found: Problem) => void }) {
  if (problems.length === 0) return <p class="outcome done"><Icon name="check" />{say("no_problems")}</p>;
  return (
    <ul class="problems">
      {problems.map((each, n) => (
        <li key={n}>
          <button type="button" onClick={() => onPick(each)}>
            <b>{each.line > 0 ? say("line", { line: each.line }) : say("whole_file")}</b>
            {each.key && <code>{each.key}</code>}
            <span>{flaw(each.message)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Where something is wrong, with the way there. */
function Elsewhere({ file, line }: { readonly file: string; readonly line: number }) {
  const id = idOf(file);
  const section = sectionOf(id);
  const words = `${below(file)}${line > 0 ? `, ${say("line", { line })}` : ""}`;
  if (!section) return <b><bdi title={file}>{words}</bdi></b>;
  const to = addressOf(section.id, "teks");
  return (
    <a
      href={to} title={file}
      onClick={(event) => {
        event.preventDefault();
        choose(id);
        go(to);
      }}
    >
      <b>{words}</b>
    </a>
  );
}

/** What a change breaks in other files. */
export function Others({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <div class="others">
      <h3 class="label">{say("problems_elsewhere")}</h3>
      <ul class="problems">
        {problems.map((each, n) => (
          <li key={n}><Elsewhere file={each.file} line={each.line} />{each.key && <code>{each.key}</code>}<span>{flaw(each.message)}</span></li>
        ))}
      </ul>
    </div>
  );
}
