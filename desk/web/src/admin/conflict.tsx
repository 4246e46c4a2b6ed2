import { useSignal } from "@preact/signals";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Sheet } from "../ui/sheet";
import { Segments } from "../ui/tabs";
import type { CentreFile } from "./file";
import { Diff } from "./history";
import { compare, merge } from "./lines";
import { type Clash, clashes, mended } from "./meeting";
import { type Value, keyOf, values } from "./tree";

/** Two people changed the same file: both are shown, and nothing is thrown away before somebody said so. */
export function Conflict({ file }: { readonly file: CentreFile }) {
  if (file.theirs.value === null) return null;
  return file.typed.value === null ? <FormConflict file={file} /> : <TextConflict file={file} />;
}

interface FrameProps {
  readonly file: CentreFile;
  readonly children: preact.ComponentChildren;
  readonly verbs: preact.ComponentChildren;
}

function Frame({ file, children, verbs }: FrameProps) {
  const close = (): void => { file.theirs.value = null; };
  return (
    <Sheet wide title={say("conflict_title")} onClose={close} footer={<><Button onPress={close}>{common("back")}</Button>{verbs}</>}>
      <p>{say("conflict_hint", { version: file.theirs.value?.version ?? 0 })}</p>
      {children}
    </Sheet>
  );
}

function FormConflict({ file }: { readonly file: CentreFile }) {
  const theirs = values(file.theirs.value?.data ?? {});
  const found = clashes(file.before.value, file.data.value, theirs);
  const chosen = useSignal<Readonly<Record<string, "mine" | "theirs">>>({});
  const open = found.filter((clash) => chosen.value[keyOf(clash.path)] === undefined).length;
  const bring = async (): Promise<void> => {
    const taken = mended(file.before.value, file.data.value, theirs, (clash) => chosen.value[keyOf(clash.path)] !== "theirs");
    file.rebase(taken, null);
    await file.save();
  };
  return (
    <Frame
      file={file}
      verbs={<Button kind="primary" reason={open > 0 ? say("conflict_choose", { count: open }) : null} onPress={bring}>{say("conflict_merge")}</Button>}
    >
      <div class="both">
        <section><h3 class="label">{say("conflict_theirs")}</h3><Diff label={say("conflict_theirs")} lines={compare(file.stored.value?.text ?? "", file.theirs.value?.text ?? "")} /></section>
        <section>
          <h3 class="label">{say("conflict_mine")}</h3>
          <ul class="mine">
            {file.changes.value.map((edit, n) => (
              <li key={n}><code>{keyOf(edit.path)}</code> {"value" in edit ? brief(edit.value) : say("removed")}</li>
            ))}
          </ul>
        </section>
      </div>
      {found.length === 0 ? <p class="muted">{say("conflict_apart")}</p> : found.map((clash) => (
        <ClashRow key={keyOf(clash.path)} clash={clash} chosen={chosen.value[keyOf(clash.path)]} onChoose={(whose) => { chosen.value = { ...chosen.value, [keyOf(clash.path)]: whose }; }} />
      ))}
    </Frame>
  );
}

interface ClashProps {
  readonly clash: Clash;
  readonly chosen: "mine" | "theirs" | undefined;
  readonly onChoose: (whose: "mine" | "theirs") => void;
}

function ClashRow({ clash, chosen, onChoose }: ClashProps) {
  const key = keyOf(clash.path);
  return (
    <div class="clash">
      <code>{key}</code>
      <Segments<"mine" | "theirs" | "">
        label={say("conflict_whose", { key })} chosen={chosen ?? ""} onChoose={(whose) => { if (whose) onChoose(whose); }}
        options={[{ id: "theirs", label: say("conflict_take_theirs", { value: brief(clash.theirs) }) }, { id: "mine", label: say("conflict_take_mine", { value: brief(clash.mine) }) }]}
      />
    </div>
  );
}

function TextConflict({ file }: { readonly file: CentreFile }) {
  const [base, mine, theirs] = [file.stored.value?.text ?? "", file.typed.value ?? "", file.theirs.value?.text ?? ""];
  const together = merge(base, mine, theirs);
  const take = (text: string) => async (): Promise<void> => {
    file.rebase(null, text);
    if (file.dirty.peek()) await file.save();
  };
  return (
    <Frame
      file={file}
      verbs={
        <>
          <Button icon="copy" onPress={() => navigator.clipboard.writeText(mine)}>{say("conflict_copy")}</Button>
          {together === null ? (
            <>
              <Button onPress={take(theirs)}>{say("conflict_keep_theirs")}</Button>
              <Button kind="primary" onPress={take(mine)}>{say("conflict_keep_mine")}</Button>
            </>
          ) : <Button kind="primary" onPress={take(together)}>{say("conflict_merge")}</Button>}
        </>
      }
    >
      <p class="muted">{say(together === null ? "conflict_lines" : "conflict_apart")}</p>
      <div class="both">
        <section><h3 class="label">{say("conflict_theirs")}</h3><Diff label={say("conflict_theirs")} lines={compare(base, theirs)} /></section>
        <section><h3 class="label">{say("conflict_mine")}</h3><Diff label={say("conflict_mine")} lines={compare(base, mine)} /></section>
      </div>
    </Frame>
  );
}

/** A value in a few words. */
export function brief(value: Value | undefined): string {
  const text = value === undefined ? say("removed") : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
