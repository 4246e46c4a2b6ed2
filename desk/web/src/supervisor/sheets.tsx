import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { ask, tell } from "../lib/api";
import { labelled } from "../lib/i18n";
import { reference } from "../lib/session";
import { problem } from "../lib/words";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { LEAST_REASON, Outcome, ReasonField, attempt } from "./act";
import { agentName, selection, sheet } from "./state";

const MOST = 500;

const close = (): void => { sheet.value = null; };

export function Sheets() {
  const chosen = selection.value;
  switch (sheet.value) {
    case "note":
      return <Note />;
    case "emergency":
      return <Emergency closed />;
    case "reopen":
      return <Emergency closed={false} />;
    case "end":
      return chosen?.kind === "contact" ? <End id={chosen.id} /> : null;
    default:
      return null;
  }
}

function Note() {
  const text = useSignal("");
  const queue = useSignal("");
  const urgent = useSignal(false);
  const fields = [useId(), useId()] as const;
  const send = async (): Promise<void> => {
    const body = { text: text.value.trim(), urgent: urgent.value, queues: queue.value ? [queue.value] : [] };
    if (await attempt("note", say("note_done"), () => tell("/notes", body))) text.value = "";
  };
  return (
    <Sheet
      title={say("note_title")} onClose={close}
      footer={
        <>
          <Button onPress={close}>{say("keep")}</Button>
          <Button kind="primary" reason={text.value.trim() ? null : say("note_empty")} onPress={send}>{say("note_send")}</Button>
        </>
      }
    >
      <div class="field">
        <label for={fields[0]}>{say("note_text")}</label>
        <textarea
          id={fields[0]} class="input" rows={4} maxLength={MOST} value={text.value} data-first=""
          onInput={(event) => { text.value = event.currentTarget.value; }}
        />
      </div>
      <div class="field">
        <label for={fields[1]}>{say("note_to")}</label>
        <select id={fields[1]} class="input" value={queue.value} onChange={(event) => { queue.value = event.currentTarget.value; }}>
          <option value="">{say("note_all")}</option>
          {(reference.value?.queues ?? []).map((each) => <option key={each.id} value={each.id}>{labelled(each.name, each.id)}</option>)}
        </select>
      </div>
      <label class="checkbox">
        <input type="checkbox" checked={urgent.value} onChange={(event) => { urgent.value = event.currentTarget.checked; }} />
        {say("note_urgent")}
      </label>
      <Outcome about="note" />
    </Sheet>
  );
}

function Emergency({ closed }: { readonly closed: boolean }) {
  const reason = useSignal("");
  const short = reason.value.trim().length < LEAST_REASON;
  const throwIt = async (): Promise<void> => {
    const done = say(closed ? "emergency_done" : "reopen_done");
    if (await attempt("emergency", done, () => tell("/emergency", { closed, reason: reason.value.trim() }))) close();
  };
  return (
    <Sheet
      title={say(closed ? "emergency_title" : "reopen_title")} onClose={close}
      footer={
        <>
          <Button onPress={close}>{say("keep")}</Button>
          <Button kind={closed ? "end" : "go"} reason={short ? say("reason_short") : null} onPress={throwIt}>
            {say(closed ? "emergency_verb" : "reopen")}
          </Button>
        </>
      }
    >
      <p>{say(closed ? "emergency_hint" : "reopen_hint")}</p>
      <ReasonField needed first value={reason.value} onChange={(value) => { reason.value = value; }} />
      <Outcome about="emergency" />
    </Sheet>
  );
}

interface Release {
  readonly agent: string | null;
  readonly offer: number | null;
  readonly parties: readonly string[];
  readonly consult: string | null;
  readonly load: number;
}

/** End what is stuck, after saying what exactly will be let go. */
function End({ id }: { readonly id: string }) {
  const release = useSignal<Release | null>(null);
  const trouble = useSignal("");
  const reason = useSignal("");
  useEffect(() => {
    ask<Release>(`/interactions/${id}/release`).then(
      (found) => { release.value = found; },
      (error: unknown) => { trouble.value = problem(error); },
    );
  }, [id]);
  const short = reason.value.trim().length < LEAST_REASON;
  const end = async (): Promise<void> => {
    if (await attempt(`end:${id}`, say("end_done"), () => tell(`/interactions/${id}/end`, { reason: reason.value.trim() }))) close();
  };
  const found = release.value;
  const hindered = trouble.value || (found === null ? say("loading") : short ? say("reason_short") : null);
  return (
    <Sheet
      title={say("end_title")} onClose={close}
      footer={
        <>
          <Button onPress={close}>{say("keep")}</Button>
          <Button kind="end" reason={hindered} onPress={end}>{say("end_verb")}</Button>
        </>
      }
    >
      {trouble.value && <p class="outcome failed"><Icon name="alert-triangle" />{trouble.value}</p>}
      <div class="label">{say("end_releases")}</div>
      <ul class="release">
        {found && <li>{say("end_caller")}</li>}
        {found?.agent && <li><bdi>{say("end_agent", { agent: agentName(found.agent), load: found.load })}</bdi></li>}
        {found?.offer !== null && found !== null && <li>{say("end_offer")}</li>}
        {found?.consult && <li>{say("end_consult")}</li>}
        {found?.parties.filter((who) => who !== "customer").map((who, n) => <li key={n}>{say("end_party", { who: partyName(who) })}</li>)}
      </ul>
      <ReasonField needed first value={reason.value} onChange={(value) => { reason.value = value; }} />
      <Outcome about={`end:${id}`} />
    </Sheet>
  );
}

function partyName(who: string): string {
  return who === "agent" || who === "colleague" || who === "outside" || who === "supervisor" ? say(who) : who;
}
