import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { labelled } from "../lib/i18n";
import { reference } from "../lib/session";
import type { Voicemail } from "../lib/voicemails";
import { say as common } from "../text/common";
import { say } from "../text/voicemail";
import { Button } from "../ui/button";
import { Sheet } from "../ui/sheet";
import { callerOf } from "./player";

const LEAST_REASON = 3;

interface SheetProps {
  readonly of: Voicemail;
  readonly onClose: () => void;
  /** Returns what went wrong, or nothing. */
  readonly onDo: (body: unknown) => Promise<string>;
}

/** Say what came of a message. */
export function FinishSheet({ of, onClose, onDo }: SheetProps) {
  const category = useSignal("");
  const note = useSignal("");
  const trouble = useSignal("");
  const fields = [useId(), useId()] as const;
  const nothing = !category.value && !note.value.trim();
  const finish = async (): Promise<void> => {
    trouble.value = await onDo({ category: category.value || null, note: note.value.trim() });
    if (!trouble.value) onClose();
  };
  return (
    <Sheet
      title={say("finish_title", { who: callerOf(of) })} onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{common("back")}</Button>
          <Button kind="primary" icon="check" reason={nothing ? say("finish_needs") : null} onPress={finish}>{say("finish_do")}</Button>
        </>
      }
    >
      <div class="field">
        <label for={fields[0]}>{say("category")}</label>
        <select id={fields[0]} class="input" data-first="" value={category.value} onChange={(event) => { category.value = event.currentTarget.value; }}>
          <option value="">{say("category_none")}</option>
          {(reference.value?.categories ?? []).map((group) => (
            <optgroup key={group.id} label={labelled(group.name, group.id)}>
              {group.items.map((item) => <option key={item.id} value={item.id}>{labelled(item.name, item.id)}</option>)}
            </optgroup>
          ))}
        </select>
      </div>
      <div class="field">
        <label for={fields[1]}>{say("note")}</label>
        <textarea
          id={fields[1]} class="input" rows={4} maxLength={4_000} value={note.value}
          onInput={(event) => { note.value = event.currentTarget.value; }}
        />
      </div>
      {trouble.value && <p class="over" role="alert">{trouble.value}</p>}
    </Sheet>
  );
}

/** Take a message out, with a reason. */
export function DeleteSheet({ of, onClose, onDo }: SheetProps) {
  const reason = useSignal("");
  const trouble = useSignal("");
  const field = useId();
  const short = reason.value.trim().length < LEAST_REASON;
  const remove = async (): Promise<void> => {
    trouble.value = await onDo({ reason: reason.value.trim() });
    if (!trouble.value) onClose();
  };
  return (
    <Sheet
      title={say("delete_title", { who: callerOf(of) })} onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{common("back")}</Button>
          <Button kind="end" icon="trash" reason={short ? say("delete_short") : null} onPress={remove}>{say("delete_do")}</Button>
        </>
      }
    >
      <p>{say("delete_hint")}</p>
      <div class="field">
        <label for={field}>{say("delete_reason")}</label>
        <input
          id={field} class="input" maxLength={200} required autocomplete="off" data-first="" value={reason.value}
          onInput={(event) => { reason.value = event.currentTarget.value; }}
        />
      </div>
      {trouble.value && <p class="over" role="alert">{trouble.value}</p>}
    </Sheet>
  );
}
