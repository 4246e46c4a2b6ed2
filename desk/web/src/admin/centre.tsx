import { useSignal } from "@preact/signals";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { NewEntry } from "./entries";
import { DurationField, LabelFields, SeveralField, TextField } from "./field";
import type { CentreFile } from "./file";
import { blankLabel, channelChoices } from "./labels";
import type { Channel } from "../lib/model";
import { at, entriesAt } from "./tree";

/** The centre's name, its skills, and what a contact of each channel takes of an agent. */
export function CentreForm({ file }: { readonly file: CentreFile }) {
  const isNew = useSignal(false);
  const skills = entriesAt(file.data.value, ["skills"]).map(([id]) => id);
  const gone = entriesAt(file.before.value, ["skills"]).map(([id]) => id).filter((id) => !skills.includes(id));
  const channels = entriesAt(file.data.value, ["channels"]).map(([id]) => id);
  const name = (id: string): string => channelChoices().find((each) => each.id === id)?.label ?? common(id as Channel);
  return (
    <div class="pad entry-form">
      <fieldset class="group">
        <legend>{say("skills")}</legend>
        <p class="hint">{say("centre_skills_hint")}</p>
        {skills.map((id) => (
          <div class="skill" role="group" aria-label={id} key={id}>
            <code>{id}</code>
            <LabelFields file={file} path={["skills", id]} label={say("name")} />
            <Button kind="quiet" size="small" icon="trash" name={say("remove", { what: id })} onPress={() => file.change(["skills", id], undefined)} />
          </div>
        ))}
        {gone.map((id) => (
          <div class="row" key={id}>
            <code><s>{id}</s></code>
            <Button size="small" icon="arrow-back-up" onPress={() => file.change(["skills", id], at(file.before.peek(), ["skills", id]) ?? "")}>{say("bring_back", { what: id })}</Button>
          </div>
        ))}
        <div class="row"><Button icon="plus" popup="dialog" onPress={() => { isNew.value = true; }}>{say("skill_add")}</Button></div>
      </fieldset>
      <fieldset class="group">
        <legend>{say("channels")}</legend>
        <p class="hint">{say("channels_hint")}</p>
        {channels.map((id) => (
          <div class="channel" role="group" aria-label={name(id)} key={id}>
            <b>{name(id)}</b>
            <TextField file={file} path={["channels", id, "cost"]} short numeric label={say("channel_cost")} />
            <SeveralField file={file} path={["channels", id, "interrupted_by"]} label={say("channel_interrupted")} options={channelChoices().filter((each) => each.id !== id && channels.includes(each.id))} />
          </div>
        ))}
        <DurationField file={file} path={["drain"]} label={say("drain")} hint={say("drain_hint")} placeholder="30 s" />
      </fieldset>
      <fieldset class="group">
        <legend>{say("centre_name")}</legend>
        <LabelFields file={file} path={["name"]} label={say("name")} />
      </fieldset>
      {isNew.value && (
        <NewEntry
          title={say("skill_add")} hint={say("skill_add_hint")} taken={skills} onClose={() => { isNew.value = false; }}
          onMake={(id) => file.change(["skills", id], blankLabel())}
        />
      )}
    </div>
  );
}
