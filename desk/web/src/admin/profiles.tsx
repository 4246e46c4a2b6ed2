import { useEffect } from "preact/hooks";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Entries } from "./entries";
import { DurationField, SeveralField, TextField } from "./field";
import { type CentreFile, fileOf } from "./file";
import { flaw } from "./flaws";
import { channelChoices, known } from "./labels";
import { type Value, at } from "./tree";

/** Which contacts an agent of each profile takes, and in which order. */
export function ProfilesForm({ file }: { readonly file: CentreFile }) {
  useEffect(() => void fileOf("queues").load(), []);
  const first = known("queues")[0]?.id ?? "";
  return (
    <Entries
      file={file} path={[]} label={say("section_profiles")} name={(id) => id}
      adding={{ label: say("profile_add"), hint: say("profile_add_hint"), blank: () => [{ queues: [first], channels: ["voice"] }] }}
    >
      {(id) => <ProfileForm file={file} id={id} />}
    </Entries>
  );
}

function ProfileForm({ file, id }: { readonly file: CentreFile; readonly id: string }) {
  const found = at(file.data.value, [id]);
  const rows: readonly Value[] = Array.isArray(found) ? found : [];
  const wrong = file.wrong([id]);
  return (
    <>
      <p class="muted">{say("profile_hint")}</p>
      {wrong !== null && <p class="error">{flaw(wrong)}</p>}
      {rows.map((_, n) => (
        <fieldset class="group" key={n}>
          <legend>{say("profile_row", { n: n + 1 })}</legend>
          {file.wrong([id, n]) !== null && <p class="error">{flaw(file.wrong([id, n]) ?? "")}</p>}
          <SeveralField file={file} path={[id, n, "queues"]} label={say("section_queues")} options={known("queues")} />
          <SeveralField file={file} path={[id, n, "channels"]} label={say("channels")} options={channelChoices()} />
          <div class="grid">
            <TextField file={file} path={[id, n, "rank"]} optional short numeric label={say("profile_rank")} hint={say("profile_rank_hint")} placeholder="1" />
            <DurationField file={file} path={[id, n, "delay"]} label={say("profile_delay")} hint={say("profile_delay_hint")} placeholder={say("none")} />
          </div>
          <div class="row">
            <Button kind="quiet" icon="trash" reason={rows.length === 1 ? say("profile_last_row") : null} onPress={() => file.change([id], rows.filter((__, m) => m !== n))}>
              {say("profile_row_remove", { n: n + 1 })}
            </Button>
          </div>
        </fieldset>
      ))}
      <div class="row">
        <Button icon="plus" onPress={() => file.change([id], [...rows, { queues: [], channels: [], rank: "1" }])}>{say("profile_row_add")}</Button>
      </div>
    </>
  );
}
