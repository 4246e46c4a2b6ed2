// What was promised to customers: one's own list, and for those who lead everybody's.

import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Refused, Unanswered, ask, tell } from "../lib/api";
import { now, serverTime } from "../lib/clock";
import type { Case } from "../lib/customers";
import { fromField, toField } from "../lib/due";
import { clock, day } from "../lib/format";
import { categoryName, may, queueName, self } from "../lib/session";
import { CHANNEL_ICON, problem } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/customer";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { NoteText } from "../ui/note-text";
import { StateChip } from "../ui/thread";
import { Segments } from "../ui/tabs";

type Whose = "mine" | "all";

/** Null until it was read. */
const cases = signal<readonly Case[] | null>(null);
const whose = signal<Whose | null>(null);
const trouble = signal("");

async function read(): Promise<void> {
  try {
    cases.value = await ask<readonly Case[]>(whose.peek() === "all" ? "/cases" : "/me/cases");
    trouble.value = "";
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
    trouble.value = say("cases_away");
  }
}

async function change(id: string, body: { readonly done?: boolean; readonly due?: number }): Promise<void> {
  try {
    const changed = await tell<Case>(`/cases/${id}`, body, { method: "PATCH" });
    // It stays where it is: a list is not put in another order under the hand.
    cases.value = (cases.peek() ?? []).map((each) => (each.id === id ? changed : each));
    trouble.value = "";
  } catch (error) {
    trouble.value = problem(error);
  }
}

interface CaseListProps {
  readonly agentName: (id: string) => string;
  /** Shows the way that the contact took. */
  readonly onHistory: (id: string) => void;
  /** Whose are shown first. */
  readonly first: Whose;
  readonly children?: ComponentChildren;
}

export function CaseList({ agentName, onHistory, first, children }: CaseListProps) {
  const leads = may("lead");
  const own = self.value?.agent !== null;
  useEffect(() => {
    whose.value ??= first;
    void read();
  }, [whose.value]);
  const list = cases.value;
  return (
    <section class="cases" aria-labelledby="cases-title" data-pane tabIndex={-1}>
      <header class="row">
        <h1 id="cases-title" data-cases-heading tabIndex={-1}>{say("cases")}</h1>
        {leads && own && (
          <Segments
            label={say("cases_whose")} chosen={whose.value ?? first} onChoose={(chosen: Whose) => { whose.value = chosen; }}
            options={[{ id: "mine", label: say("cases_mine") }, { id: "all", label: say("cases_all") }]}
          />
        )}
        <span class="grow" />
        {children}
      </header>
      {trouble.value && (
        <div class="row" role="alert">
          <p class="over grow">{trouble.value}</p>
          <Button size="small" icon="refresh" onPress={read}>{common("retry")}</Button>
        </div>
      )}
      {list?.length === 0 && <p>{say("cases_empty")} <span class="muted">{say("cases_hint")}</span></p>}
      {list !== null && list.length > 0 && <Table list={list} agentName={whose.value === "all" ? agentName : null} onHistory={onHistory} />}
    </section>
  );
}

interface TableProps {
  readonly list: readonly Case[];
  readonly agentName: ((id: string) => string) | null;
  readonly onHistory: (id: string) => void;
}

function Table({ list, agentName, onHistory }: TableProps) {
  return (
    <table class="table" aria-label={say("cases")}>
      <thead>
        <tr>
          <th scope="col">{say("case_due")}</th>
          <th scope="col">{say("case_customer")}</th>
          <th scope="col">{say("case_about")}</th>
          {agentName && <th scope="col">{say("case_agent")}</th>}
          <th scope="col">{say("case_actions")}</th>
        </tr>
      </thead>
      <tbody>
        {list.map((each) => (
          <tr key={each.id} class={each.done_at === null ? "" : "finished"}>
            <td><Due of={each} /></td>
            <td><span class="row"><Icon name={CHANNEL_ICON[each.channel]} /><bdi>{each.caller || common("unknown_caller")}</bdi></span></td>
            <td>
              <b>{each.category ? categoryName(each.category) : queueName(each.queue)}</b>
              {each.note ? <NoteText text={each.note} /> : <p class="small muted">{say("case_no_note")}</p>}
            </td>
            {agentName && <td><bdi>{agentName(each.agent)}</bdi></td>}
            <td><Actions of={each} onHistory={onHistory} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Due({ of }: { readonly of: Case }) {
  if (of.done_at !== null) {
    return <StateChip state="good" icon="check">{say("case_done")} {day(of.done_at)} {clock(of.done_at)}</StateChip>;
  }
  const late = of.due < now.value;
  const today = day(of.due) === day(now.value);
  return (
    <div class="due-of">
      {late ? <StateChip state="over" icon="alert-triangle">{say("case_late")}</StateChip>
        : today && <StateChip state="near" icon="clock">{say("case_today")}</StateChip>}
      <input
        type="datetime-local" class="input" aria-label={say("case_due_of", { who: of.caller || common("unknown_caller") })} value={toField(of.due)}
        onChange={(event) => {
          const due = fromField(event.currentTarget.value);
          if (due !== null && due > serverTime() - 86_400_000) void change(of.id, { due });
          else event.currentTarget.value = toField(of.due);
        }}
      />
    </div>
  );
}

function Actions({ of, onHistory }: { readonly of: Case; readonly onHistory: (id: string) => void }) {
  return (
    <span class="row">
      {of.done_at === null ? (
        <Button size="small" icon="check" onPress={() => change(of.id, { done: true })}>{say("case_done")}</Button>
      ) : (
        <Button size="small" kind="quiet" icon="arrow-back-up" onPress={() => change(of.id, { done: false })}>{say("case_reopen")}</Button>
      )}
      <Button size="small" kind="quiet" icon="history" popup="dialog" onPress={() => onHistory(of.id)}>{say("case_history")}</Button>
    </span>
  );
}
