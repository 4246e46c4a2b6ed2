import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { fullDay } from "../lib/format";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Segments } from "../ui/tabs";
import { DAYS, type Day, hoursOf, shiftsOf, span, week } from "./calendar";
import { Emergency } from "./emergency";
import { Entries } from "./entries";
import { DurationField, SeveralField, TextField } from "./field";
import type { CentreFile } from "./file";
import { flaw } from "./flaws";
import { type Path, type Value, at, entriesAt, keyOf, listAt, textAt } from "./tree";

const HOLIDAYS = "holidays";

/** Calendars of business hours, and the holidays that close them. */
export function HoursForm({ file }: { readonly file: CentreFile }) {
  return (
    <Entries
      file={file} path={[]} label={say("section_hours")} name={(id) => id} skip={[HOLIDAYS]} besides={[{ id: HOLIDAYS, label: say("holidays") }]}
      adding={{ label: say("hours_add"), hint: say("hours_add_hint"), blank: () => ({ weekly: { "mon-fri": "08:00-17:00" } }) }}
    >
      {(id) => (id === HOLIDAYS ? <HolidaysForm file={file} /> : <CalendarForm file={file} id={id} />)}
    </Entries>
  );
}

function CalendarForm({ file, id }: { readonly file: CentreFile; readonly id: string }) {
  const kept = !/^(no|false|off)$/i.test(textAt(file.data.value, [id, "holidays"]));
  return (
    <>
      <Week file={file} path={[id, "weekly"]} />
      <Pause file={file} path={[id, "break"]} />
      <fieldset class="group">
        <legend>{say("holidays")}</legend>
        <label class="checkbox">
          <input type="checkbox" checked={kept} onChange={(event) => file.change([id, "holidays"], event.currentTarget.checked ? undefined : "no")} />
          <span>{say("hours_holidays")}</span>
        </label>
      </fieldset>
      <Dates file={file} path={[id, "special"]} label={say("special_days")} hint={say("special_hint")} value={{ label: say("shifts"), blank: "closed", hint: say("shifts_hint") }} />
    </>
  );
}

/** The seven days, each with its shifts. A week that is written in ranges is written in ranges again. */
function Week({ file, path }: { readonly file: CentreFile; readonly path: Path }) {
  const days = hoursOf(at(file.data.value, path));
  const change = (day: Day, text: string): void => file.change(path, week({ ...days, [day]: text }));
  const wrong = [file.wrong(path), ...entriesAt(file.data.value, path).map(([key]) => file.wrong([...path, key]))].filter((each) => each !== null);
  return (
    <fieldset class="group week">
      <legend>{say("week")}</legend>
      <div data-key={keyOf(path)} tabIndex={-1}>
        {DAYS.map((day) => <DayRow key={day} day={day} text={days[day]} onChange={(text) => change(day, text)} />)}
      </div>
      {wrong.map((each) => <p class="error" key={each}><Icon name="alert-triangle" />{flaw(each)}</p>)}
      <p class="hint">{say("week_hint")}</p>
    </fieldset>
  );
}

function DayRow({ day, text, onChange }: { readonly day: Day; readonly text: string; readonly onChange: (text: string) => void }) {
  const shifts = shiftsOf(text);
  const put = (n: number, from: string, to: string): void => onChange(shifts.map((each, m) => (m === n ? span(from, to) : span(...each))).join(", "));
  const name = say(`day_${day}`);
  return (
    <div class="day" role="group" aria-label={name}>
      <b>{name}</b>
      <div class="shifts">
        {shifts.length === 0 && <span class="muted">{say("closed")}</span>}
        {shifts.map(([from, to], n) => (
          <span class="shift" key={n}>
            <TimeField label={say("shift_from", { day: name, n: n + 1 })} value={from} onChange={(time) => put(n, time, to)} />
            <span aria-hidden="true">–</span>
            <TimeField label={say("shift_to", { day: name, n: n + 1 })} value={to} onChange={(time) => put(n, from, time)} />
            <Button kind="quiet" size="small" icon="x" name={say("shift_remove", { day: name, n: n + 1 })} onPress={() => onChange(shifts.filter((_, m) => m !== n).map((each) => span(...each)).join(", ") || "closed")} />
          </span>
        ))}
        <Button
          kind="quiet" size="small" icon="plus" name={say("shift_add", { day: name })}
          onPress={() => onChange([...shifts.map((each) => span(...each)), shifts.length === 0 ? "08:00-17:00" : span(shifts.at(-1)?.[1] ?? "", "22:00")].join(", "))}
        />
      </div>
    </div>
  );
}

/** A time of day as the files write it, with 24 hours: the browser's own field would follow the language of the browser. */
function TimeField({ label, value, onChange }: { readonly label: string; readonly value: string; readonly onChange: (time: string) => void }) {
  const wrong = !/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(value);
  return (
    <input
      class="input" inputMode="numeric" maxLength={5} placeholder="08:00" aria-label={label} autocomplete="off" value={value} aria-invalid={wrong || undefined}
      onInput={(event) => onChange(event.currentTarget.value.replace(".", ":"))}
    />
  );
}

function Pause({ file, path }: { readonly file: CentreFile; readonly path: Path }) {
  const there = at(file.data.value, path) !== undefined;
  const closed = /^(yes|true|on)$/i.test(textAt(file.data.value, [...path, "closed"]));
  return (
    <fieldset class="group">
      <legend>{say("break")}</legend>
      <label class="checkbox">
        <input type="checkbox" checked={there} onChange={(event) => file.change(path, event.currentTarget.checked ? { window: "11:00-13:00", length: "60 min" } : undefined)} />
        <span>{say("break_there")}</span>
      </label>
      {there && (
        <>
          <div class="grid">
            <TextField file={file} path={[...path, "window"]} short label={say("break_window")} hint={say("break_window_hint")} placeholder="11:00-13:00" />
            <DurationField file={file} path={[...path, "length"]} label={say("break_length")} />
          </div>
          <Segments<"open" | "closed">
            label={say("break_lines")} chosen={closed ? "closed" : "open"} onChoose={(to) => file.change([...path, "closed"], to === "closed" ? "true" : "false")}
            options={[{ id: "open", label: say("break_open") }, { id: "closed", label: say("break_closed") }]}
          />
        </>
      )}
    </fieldset>
  );
}

/** A date as people read it; what is no date is shown as it is. */
function dateName(day: string): string {
  const noon = Date.parse(`${day}T05:00:00Z`);
  return Number.isNaN(noon) ? day : fullDay(noon);
}

interface DatesProps {
  readonly file: CentreFile;
  readonly path: Path;
  readonly label: string;
  readonly hint: string;
  readonly value: { readonly label: string; readonly blank: string; readonly hint?: string };
}

/** Dates with a value each, in the order of the calendar. */
function Dates({ file, path, label, hint, value }: DatesProps) {
  const id = useId();
  const date = useSignal("");
  const entries = [...entriesAt(file.data.value, path)].sort(([a], [b]) => a.localeCompare(b));
  const taken = entries.some(([day]) => day === date.value);
  const add = (): void => {
    file.change([...path, date.value], value.blank);
    date.value = "";
  };
  return (
    <fieldset class="group dates">
      <legend>{label}</legend>
      <p class="hint">{hint}</p>
      {entries.map(([day]) => (
        <div class="date" role="group" aria-label={day} key={day}>
          <b>{dateName(day)}</b>
          <TextField file={file} path={[...path, day]} label={value.label} {...(value.hint ? { placeholder: value.hint } : {})} />
          <Button kind="quiet" size="small" icon="trash" name={say("remove", { what: day })} onPress={() => file.change([...path, day], undefined)} />
        </div>
      ))}
      <div class="row add-date">
        <label for={id}>{say("date")}</label>
        <input id={id} class="input" type="date" value={date.value} onInput={(event) => { date.value = event.currentTarget.value; }} />
        <Button icon="plus" reason={date.value === "" ? say("date_missing") : taken ? say("date_taken") : null} onPress={add}>{say("date_add")}</Button>
      </div>
    </fieldset>
  );
}

function HolidaysForm({ file }: { readonly file: CentreFile }) {
  const removed = listAt(file.data.value, [HOLIDAYS, "remove"]);
  const categories = ["public", "government", "optional", "school", "bank"].map((id) => ({ id, label: id }));
  const shown = categories.filter((each) => ["public", "government"].includes(each.id) || listAt(file.data.value, [HOLIDAYS, "categories"]).includes(each.id))
    .map((each) => (each.id === "public" || each.id === "government" ? { id: each.id, label: say(`holiday_${each.id}`) } : each));
  return (
    <>
      <Emergency />
      <div class="grid">
        <TextField file={file} path={[HOLIDAYS, "country"]} short label={say("holiday_country")} hint={say("holiday_country_hint")} placeholder="ID" optional />
      </div>
      <SeveralField file={file} path={[HOLIDAYS, "categories"]} label={say("holiday_kinds")} options={shown} />
      <Dates file={file} path={[HOLIDAYS, "add"]} label={say("holiday_add")} hint={say("holiday_add_hint")} value={{ label: say("holiday_name"), blank: say("holiday_blank") }} />
      <RemovedDays file={file} days={removed} />
    </>
  );
}

function RemovedDays({ file, days }: { readonly file: CentreFile; readonly days: readonly string[] }) {
  const id = useId();
  const date = useSignal("");
  const put = (next: readonly string[]): void => file.change([HOLIDAYS, "remove"], next as Value);
  return (
    <fieldset class="group dates" data-key={`${HOLIDAYS}.remove`} tabIndex={-1}>
      <legend>{say("holiday_remove")}</legend>
      <p class="hint">{say("holiday_remove_hint")}</p>
      {days.map((day, n) => {
        const wrong = file.wrong([HOLIDAYS, "remove", n]);
        return (
          <div class="date" key={day}>
            <b>{dateName(day)}</b>
            <span class="grow">{wrong !== null && <span class="error">{flaw(wrong)}</span>}</span>
            <Button kind="quiet" size="small" icon="trash" name={say("remove", { what: day })} onPress={() => put(days.filter((each) => each !== day))} />
          </div>
        );
      })}
      <div class="row add-date">
        <label for={id}>{say("date")}</label>
        <input id={id} class="input" type="date" value={date.value} onInput={(event) => { date.value = event.currentTarget.value; }} />
        <Button icon="plus" reason={date.value === "" ? say("date_missing") : days.includes(date.value) ? say("date_taken") : null} onPress={() => { put([...days, date.value]); date.value = ""; }}>{say("date_add")}</Button>
      </div>
    </fieldset>
  );
}
