import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { now, serverTime } from "../lib/clock";
import { fromField, nextMorning, toField } from "../lib/due";
import { left } from "../lib/format";
import { labelled } from "../lib/i18n";
import type { Contact } from "../lib/model";
import { reference } from "../lib/session";
import { say as customer } from "../text/customer";
import { say } from "../text/desk";
import { Button } from "../ui/button";
import { Combobox } from "../ui/combobox";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { needsWords, suggest } from "./categories";
import { dispose, finish, verb } from "./doing";
import { isDown } from "./link";
import { noteOf, write } from "./notes";
import { focusSoon } from "./place";

/** What the contact was about: three keys, or a search over the two levels; and the clock of the wrap-up. */
export function Disposition({ contact }: { readonly contact: Contact }) {
  const searching = useSignal(false);
  const block = useRef<HTMLDivElement>(null);
  const note = noteOf(contact.id);
  const chosen = note.category ?? contact.category;
  const { items, learned } = suggest(reference.value?.categories ?? [], contact.queue, chosen);
  const wrapping = contact.phase === "wrapping";

  const choose = (category: string): void => {
    write(contact.id, { category });
    // The server knows it at once, so that a wrap-up that runs out is not without one.
    if (!needsWords(category, noteOf(contact.id).text)) void dispose(contact);
  };
  const followUp = (wanted: boolean): void => {
    write(contact.id, { followUp: wanted, due: wanted ? (note.due ?? nextMorning(serverTime())) : note.due });
  };
  const reason = isDown()
    ? say("offline_reason")
    : chosen === null ? say("choose_first") : needsWords(chosen, note.text) ? say("category_words") : null;
  const save = async (): Promise<void> => {
    if (reason !== null) return;
    if (note.category === null) write(contact.id, { category: chosen });
    await finish(contact);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const options = [...(block.current?.querySelectorAll<HTMLElement>("[role=radio]") ?? [])];
    const at = options.indexOf(document.activeElement as HTMLElement);
    const picked = items[Number(event.key) - 1];
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (picked) choose(picked.id);
    else if (move && at >= 0) options[(at + move + options.length) % options.length]?.focus();
    else if (event.key === " " && at >= 0 && items[at]) choose(items[at].id);
    else if (event.key === "Enter" && at >= 0) void save();
    else return;
    event.preventDefault();
  };
  const focusable = items.find((item) => item.id === chosen) ?? items[0];

  return (
    <div class="disposition">
      {wrapping && <WrapClock contact={contact} />}
      <div class="row">
        <span class="label" id="category-label">{say("category")}</span>
        <span class="grow" />
        <span class="small muted clamp">{say(learned ? "category_suggested" : "category_first")}</span>
      </div>
      <div role="radiogroup" aria-labelledby="category-label" ref={block} onKeyDown={key}>
        {items.map((item, index) => (
          <button
            type="button"
            role="radio"
            key={item.id}
            class="option"
            aria-checked={item.id === chosen}
            tabIndex={item === focusable ? 0 : -1}
            data-category={item === focusable ? "" : undefined}
            onClick={() => choose(item.id)}
          >
            {item.id === chosen ? <Icon name="check" /> : <span class="icon" />}
            <span class="grow clamp">{labelled(item.name, item.id)}</span>
            <kbd aria-hidden="true">{index + 1}</kbd>
          </button>
        ))}
      </div>
      <button type="button" class="option" aria-haspopup="dialog" onClick={() => { searching.value = true; }}>
        <Icon name="search" /><span class="grow clamp muted">{say("category_other")}</span>
      </button>
      {needsWords(chosen, note.text) && <p class="small near">{say("category_words")}</p>}
      <div class="row">
        <label class="checkbox grow">
          <input
            type="checkbox"
            checked={note.followUp}
            onChange={(event) => followUp(event.currentTarget.checked)}
          />
          {say("follow_up")}
        </label>
        {wrapping && <Button kind="primary" keys="Enter" reason={reason} onPress={save}>{say("save_close")}</Button>}
      </div>
      {note.followUp && (
        <label class="field due">
          <span class="small muted">{customer("due_at")}</span>
          <input
            type="datetime-local" class="input" value={note.due === null ? "" : toField(note.due)}
            onChange={(event) => write(contact.id, { due: fromField(event.currentTarget.value) })}
          />
        </label>
      )}
      {searching.value && (
        <CategorySheet
          chosen={chosen}
          onClose={() => { searching.value = false; }}
          onPick={(category) => {
            searching.value = false;
            choose(category);
            focusSoon("[data-category]");
          }}
        />
      )}
    </div>
  );
}

function WrapClock({ contact }: { readonly contact: Contact }) {
  const rest = contact.until === null ? null : contact.until - now.value;
  const more = contact.extensions ?? 0;
  return (
    <div class="row wrap-clock">
      <Icon name="clock" />
      <b class={`timer ${rest !== null && rest < 10_000 ? "near" : ""}`} role="timer" aria-live="off">
        {rest === null ? "–" : left(rest)}
      </b>
      <span class="grow" />
      <Button
        size="small" keys="F9" reason={isDown() ? say("offline_reason") : more > 0 ? null : say("no_more_time")}
        onPress={() => verb(contact, "wrap-up-extend")}
      >
        {say("more_time")}
      </Button>
    </div>
  );
}

interface CategorySheetProps {
  readonly chosen: string | null;
  readonly onClose: () => void;
  readonly onPick: (category: string) => void;
}

function CategorySheet({ chosen, onClose, onPick }: CategorySheetProps) {
  const items = (reference.value?.categories ?? []).flatMap((group) =>
    group.items.map((item) => ({
      id: item.id,
      label: labelled(item.name, item.id),
      also: Object.values(item.name).join(" "),
      group: labelled(group.name, group.id),
      hint: item.id === chosen ? <Icon name="check" /> : undefined,
    })),
  );
  return (
    <Sheet title={say("category_choose")} onClose={onClose}>
      <Combobox first label={say("category_choose")} items={items} chosen={chosen} onPick={(item) => onPick(item.id)} />
    </Sheet>
  );
}
