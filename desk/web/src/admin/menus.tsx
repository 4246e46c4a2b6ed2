import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { tell } from "../lib/api";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Editor, Others, ProblemList } from "./editor";
import { type CentreFile, spoken } from "./file";
import type { Drawing, FileInfo } from "./model";
import { toLine } from "./places";

const PAUSE_MS = 700;

interface FileChoiceProps {
  readonly label: string;
  readonly files: readonly FileInfo[];
  readonly nameOf: (id: string) => string;
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

/** Chooses among the files of a part that keeps several. */
export function FileChoice({ label, files, nameOf, chosen, onChoose }: FileChoiceProps) {
  const id = useId();
  return (
    <span class="row">
      <label class="unseen" for={id}>{label}</label>
      <select id={id} class="input" value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {files.map((each) => <option key={each.id} value={each.id}>{nameOf(each.id)}</option>)}
      </select>
    </span>
  );
}

/** A menu as text; beside it what is wrong, or how it looks. The picture follows the text while it can be drawn. */
export function MenuText({ file, label }: { readonly file: CentreFile; readonly label: string }) {
  const text = file.typed.value ?? file.stored.value?.text ?? "";
  const drawing = useSignal<Drawing | null>(null);
  const old = useSignal(false);
  const fault = useSignal<string | null>(null);
  const round = useRef(0);
  useEffect(() => {
    round.current += 1;
    const mine = round.current;
    old.value = drawing.peek() !== null;
    const timer = setTimeout(async () => {
      try {
        const found = await tell<Drawing>(`/admin/menus/${encodeURIComponent(file.id.replace(/^ivr\//, ""))}/draw`, { text });
        if (mine !== round.current) return;
        // A text with a mistake keeps the last picture, marked as such.
        if (found.svg !== null) drawing.value = found;
        old.value = found.svg === null;
        fault.value = null;
      } catch (error) {
        if (mine === round.current) fault.value = spoken(error);
      }
    }, drawing.peek() === null ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, file]);
  const own = file.problems.value.filter((each) => file.own(each));
  const others = file.problems.value.filter((each) => !file.own(each));
  return (
    <div class="text-tab menu-tab">
      <Editor label={label} text={text} problems={own} onInput={(now) => file.type(now)} />
      <aside class="beside" aria-label={say("picture")}>
        {fault.value !== null && <p class="outcome failed"><Icon name="alert-triangle" />{fault.value}</p>}
        {own.length > 0 && <ProblemList problems={own} onPick={(each) => toLine(each.line)} />}
        {others.length > 0 && <Others problems={others} />}
        <Picture svg={drawing.value?.svg ?? null} name={label} old={old.value && own.length > 0} />
      </aside>
    </div>
  );
}

const ZOOMS = [0.25, 0.5, 0.75, 1, 1.5, 2] as const;

/** A drawing, as an image: nothing in it can act. It is moved by scrolling, by keys too, and begins where the menu does. */
function Picture({ svg, name, old }: { readonly svg: string | null; readonly name: string; readonly old: boolean }) {
  const zoom = useSignal<number>(1);
  const box = useRef<HTMLDivElement>(null);
  const there = svg !== null;
  useEffect(() => {
    const boxes = [...(svg ?? "").matchAll(/<rect x="(\d+)" y="(\d+)"/g)].map((found) => [Number(found[1]), Number(found[2])] as const);
    // The menu begins in the first column, somewhere in its middle.
    const start = boxes.reduce<readonly [number, number]>((first, each) => (each[0] < first[0] ? each : first), boxes[0] ?? [0, 0])[1];
    if (box.current) box.current.scrollTop = Math.max(0, start * zoom.peek() - box.current.clientHeight / 3);
  }, [there, zoom.value]);
  if (svg === null) return <p class="muted">{say("picture_none")}</p>;
  const width = Number(/<svg[^>]* width="(\d+)"/.exec(svg)?.[1] ?? 800);
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  const step = (by: number): void => {
    zoom.value = ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, ZOOMS.findIndex((each) => each === zoom.value) + by))] ?? 1;
  };
  return (
    <>
      <div class="row wrap">
        <Button size="small" icon="minus" name={say("zoom_out")} reason={zoom.value === ZOOMS[0] ? say("zoom_end") : null} onPress={() => step(-1)} />
        <span class="zoom">{Math.round(zoom.value * 100)}%</span>
        <Button size="small" icon="plus" name={say("zoom_in")} reason={zoom.value === ZOOMS.at(-1) ? say("zoom_end") : null} onPress={() => step(1)} />
        <a class="button small" download={`${name}.svg`} href={source}>{say("picture_keep")}</a>
        {old && <span class="chip near">{say("picture_old")}</span>}
      </div>
      <div class="picture" ref={box} tabIndex={0} role="group" aria-label={say("picture_of", { name })}>
        <img alt={say("picture_alt", { name })} src={source} width={Math.round(width * zoom.value)} />
      </div>
    </>
  );
}
