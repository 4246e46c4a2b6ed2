import { signal } from "@preact/signals";
import type { Contact } from "../lib/model";
import { say } from "../text/customer";
import { Tabs } from "../ui/tabs";
import { PastList } from "./past";
import { sheet } from "./place";
import { ScriptPanel } from "./scripts";

type Side = "past" | "script";
export const side = signal<Side>("past");

/** To the panel where it is on the screen, else to the same in a sheet. */
export function openSide(): void {
  const tab = document.querySelector<HTMLElement>('.customer .side [role="tab"][aria-selected="true"]');
  if (tab && tab.offsetParent !== null) tab.focus();
  else sheet.value = "side";
}

/** What belongs to the customer beside the contact: a panel of the customer's pane, and a sheet where that is narrow. */
export function SidePanel({ contact }: { readonly contact: Contact }) {
  const tabs = [{ id: "past", label: say("past") }, { id: "script", label: say("script") }] as const;
  return (
    <div class="side">
      <Tabs label={say("side")} tabs={tabs} chosen={side.value} onChoose={(id) => { side.value = id as Side; }}>
        {side.value === "past" ? <PastList id={contact.id} /> : <ScriptPanel key={contact.id} contact={contact} />}
      </Tabs>
    </div>
  );
}
