import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Segments } from "../ui/tabs";
import { Entries } from "./entries";
import { ChoiceField, SeveralField, TextField } from "./field";
import { type CentreFile, fileOf } from "./file";
import { flaw } from "./flaws";
import { known, languageChoices } from "./labels";
import { idAt, people } from "./people";
import { type Path, type Value, entriesAt, keyOf, listAt, textAt } from "./tree";

type View = "groups" | "agents" | "fallback";

/** Who answers: groups of people who are alike, single people, and whose phones ring when the centre is away. */
export function AgentsForm({ file }: { readonly file: CentreFile }) {
  const view = useSignal<View>("groups");
  useEffect(() => {
    void fileOf("profiles").load();
    void fileOf("centre").load();
  }, []);
  const blank = (): Value => ({ profile: profiles()[0]?.id ?? "", languages: languageChoices()[0]?.id ?? "" });
  const all = people(file.data.value);
  return (
    <div class="agents">
      <div class="row pad-top">
        <Segments<View>
          label={say("agents_view")} chosen={view.value} onChoose={(to) => { view.value = to; }}
          options={[{ id: "groups", label: say("agents_groups") }, { id: "agents", label: say("agents_single") }, { id: "fallback", label: say("agents_fallback") }]}
        />
        <span class="muted small">{say("agents_count", { count: all.length })}</span>
      </div>
      {view.value === "groups" && (
        <Entries
          key="groups" file={file} path={["groups"]} label={say("agents_groups")} name={(id) => id} detail={(id) => say("agents_group", { count: listAt(file.data.value, ["groups", id, "names"]).length, profile: textAt(file.data.value, ["groups", id, "profile"]) || "–" })}
          adding={{ label: say("group_add"), hint: say("group_add_hint"), blank: () => ({ first: "", ...(blank() as object), names: [] }) }}
        >
          {(id) => <GroupForm file={file} path={["groups", id]} />}
        </Entries>
      )}
      {view.value === "agents" && (
        <Entries
          key="agents" file={file} path={["agents"]} label={say("agents_single")} name={(id) => textAt(file.data.value, ["agents", id, "name"]) || id}
          adding={{ label: say("agent_add"), hint: say("agent_add_hint"), blank: () => ({ name: "", ...(blank() as object) }) }}
        >
          {(id) => (
            <>
              <TextField file={file} path={["agents", id, "name"]} label={say("person_name")} />
              <Able file={file} path={["agents", id]} />
            </>
          )}
        </Entries>
      )}
      {view.value === "fallback" && (
        <div class="pad"><p class="muted">{say("fallback_hint")}</p>
          <SeveralField file={file} path={["fallback"]} label={say("agents_fallback")} options={all.map((each) => ({ id: each.id, label: `${each.name} (${each.id})` }))} />
        </div>
      )}
    </div>
  );
}

function profiles(): readonly { readonly id: string; readonly label: string }[] {
  return entriesAt(fileOf("profiles").before.value, []).map(([id]) => ({ id, label: id }));
}

function Able({ file, path }: { readonly file: CentreFile; readonly path: Path }) {
  return (
    <>
      <div class="grid">
        <ChoiceField file={file} path={[...path, "profile"]} label={say("profile")} options={profiles()} />
      </div>
      <SeveralField file={file} path={[...path, "languages"]} label={say("languages")} options={languageChoices()} />
      <Skills file={file} path={[...path, "skills"]} />
    </>
  );
}

/** The level of each skill; empty is none. */
function Skills({ file, path }: { readonly file: CentreFile; readonly path: Path }) {
  const all = [...new Set([...known("skills").map((each) => each.id), ...entriesAt(file.data.value, path).map(([id]) => id)])];
  const name = (id: string): string => known("skills").find((each) => each.id === id)?.label ?? id;
  return (
    <fieldset class="group">
      <legend>{say("skills")}</legend>
      <div class="grid">
        {all.map((id) => <TextField key={id} file={file} path={[...path, id]} optional short numeric label={name(id)} placeholder={say("skill_none")} />)}
      </div>
      <p class="hint">{say("skills_hint")}</p>
    </fieldset>
  );
}

function GroupForm({ file, path }: { readonly file: CentreFile; readonly path: Path }) {
  return (
    <>
      <div class="grid">
        <TextField file={file} path={[...path, "first"]} short label={say("group_first")} hint={say("group_first_hint")} />
      </div>
      <Able file={file} path={path} />
      <Names file={file} path={[...path, "names"]} first={textAt(file.data.value, [...path, "first"])} />
    </>
  );
}

/** The people in order, for their order gives them their ids: a name is added at the end, and whoever leaves frees the last. */
function Names({ file, path, first }: { readonly file: CentreFile; readonly path: Path; readonly first: string }) {
  const id = useId();
  const name = useSignal("");
  const names = listAt(file.data.value, path);
  const wrong = file.wrong(path);
  const add = (): void => {
    if (name.value.trim() === "") return;
    file.change(path, [...names, name.value.trim()]);
    name.value = "";
  };
  return (
    <fieldset class="group" data-key={keyOf(path)} tabIndex={-1}>
      <legend>{say("names")}</legend>
      <p class="hint">{say("names_hint")}</p>
      {wrong !== null && <p class="error">{flaw(wrong)}</p>}
      <ol class="names">
        {names.map((each, n) => (
          <li key={n}>
            <code>{idAt(first, n) ?? "?"}</code>
            <input class="input" aria-label={say("name_of", { id: idAt(first, n) ?? n + 1 })} value={each} autocomplete="off" onInput={(event) => file.change(path, names.map((old, m) => (m === n ? event.currentTarget.value : old)))} />
            {n === names.length - 1 && <Button kind="quiet" size="small" icon="trash" name={say("remove", { what: each })} onPress={() => file.change(path, names.slice(0, -1))} />}
          </li>
        ))}
      </ol>
      <div class="row">
        <label class="unseen" for={id}>{say("name_new")}</label>
        <input
          id={id} class="input grow" autocomplete="off" placeholder={say("name_new")} value={name.value} onInput={(event) => { name.value = event.currentTarget.value; }}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || event.isComposing) return;
            event.preventDefault();
            add();
          }}
        />
        <Button icon="user-plus" reason={name.value.trim() === "" ? say("name_missing") : null} onPress={add}>{say("name_add")}</Button>
      </div>
    </fieldset>
  );
}
