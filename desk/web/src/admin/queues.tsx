import { blankLabel, labelAt } from "./labels";
import { say } from "../text/admin";
import { Entries } from "./entries";
import { ChoiceField, DurationField, LabelFields, TextField } from "./field";
import type { CentreFile } from "./file";
import { entriesAt } from "./tree";

/** The queues: what each is called, its times, and where what is too much goes. */
export function QueuesForm({ file }: { readonly file: CentreFile }) {
  return (
    <Entries
      file={file} path={[]} label={say("section_queues")} name={(id) => labelAt(file.data.value, [id, "name"], id)}
      adding={{ label: say("queue_add"), hint: say("queue_add_hint"), blank: () => ({ name: blankLabel(), offer: "20 s", wrap_up: "30 s", exclude: "60 s" }) }}
    >
      {(id) => <QueueForm file={file} id={id} />}
    </Entries>
  );
}

function QueueForm({ file, id }: { readonly file: CentreFile; readonly id: string }) {
  const others = entriesAt(file.data.value, []).filter(([other]) => other !== id)
    .map(([other]) => ({ id: other, label: labelAt(file.data.value, [other, "name"], other) }));
  const place = (key: string) => ({ file, path: [id, key] }) as const;
  return (
    <>
      <LabelFields {...place("name")} label={say("name")} />
      <fieldset class="group">
        <legend>{say("queue_times")}</legend>
        <div class="grid">
          <DurationField {...place("offer")} label={say("queue_offer")} hint={say("queue_offer_hint")} placeholder="20 s" />
          <DurationField {...place("wrap_up")} label={say("queue_wrap_up")} hint={say("queue_wrap_up_hint")} placeholder="30 s" />
          <DurationField {...place("exclude")} label={say("queue_exclude")} hint={say("queue_exclude_hint")} placeholder="60 s" />
          <DurationField {...place("wrap_up_extra")} label={say("queue_extra")} hint={say("queue_extra_hint")} placeholder="30 s" />
          <TextField {...place("wrap_up_extensions")} optional short numeric label={say("queue_extensions")} hint={say("queue_extensions_hint")} placeholder="2" />
          <TextField {...place("priority")} optional short numeric label={say("queue_priority")} hint={say("queue_priority_hint")} placeholder="0" />
        </div>
      </fieldset>
      <fieldset class="group">
        <legend>{say("queue_limits")}</legend>
        <div class="grid">
          <TextField {...place("max_length")} optional short numeric label={say("queue_length")} hint={say("queue_length_hint")} placeholder={say("no_limit")} />
          <DurationField {...place("max_wait")} label={say("queue_wait")} hint={say("queue_wait_hint")} placeholder={say("no_limit")} />
          <ChoiceField {...place("overflow")} optional label={say("queue_overflow")} hint={say("queue_overflow_hint")} options={others} none={say("queue_no_overflow")} />
          <DurationField {...place("return")} label={say("queue_return")} hint={say("queue_return_hint")} placeholder={say("never")} />
          <DurationField {...place("last_agent")} label={say("queue_last_agent")} hint={say("queue_last_agent_hint")} placeholder={say("never")} />
        </div>
      </fieldset>
    </>
  );
}
