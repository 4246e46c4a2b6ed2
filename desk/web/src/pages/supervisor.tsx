import { signal } from "@preact/signals";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/supervisor.css";

import { type Action, actions, startKeys } from "../lib/keys";
import { match, path } from "../lib/router";
import { enter, may, queueName } from "../lib/session";
import { problem } from "../lib/words";
import { CaseList } from "../cases/list";
import { Speaker } from "../desk/speaker";
import { watchAfterHours } from "../supervisor/after-hours";
import { AgentFilters, AgentTable, agentCount } from "../supervisor/agent-table";
import { AlarmStrip, watchAlarms } from "../supervisor/alarm";
import { ContactFilters, ContactTable, contactCount } from "../supervisor/contact-table";
import { ListeningBar, watchListening } from "../supervisor/listening";
import { Pane } from "../supervisor/pane";
import { QueueTable } from "../supervisor/queue-table";
import { Sheets } from "../supervisor/sheets";
import { agentFilter, agentName, queueFilter, selection, sheet, startLink, table, unselect } from "../supervisor/state";
import { CASES, Top, VOICEMAILS } from "../supervisor/top";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Segments } from "../ui/tabs";
import { RoomSound } from "../video/room";
import { VoicemailList } from "../voicemails/list";
import { open } from "./page";

const failure = signal<string | null>(null);
const entered = signal(false);

function Watch() {
  if (failure.value) {
    return (
      <main id="main" class="alone" tabIndex={-1}>
        <Brand /><h1>{failure.value}</h1>
        <Button kind="primary" onPress={() => location.reload()}>{common("retry")}</Button>
      </main>
    );
  }
  if (entered.value && !may("contacts")) {
    return (
      <main id="main" class="alone" tabIndex={-1}>
        <Brand /><h1>{say("forbidden_title")}</h1><p class="muted">{say("forbidden")}</p>
        <a class="button primary" href="/meja">{say("to_desk")}</a>
      </main>
    );
  }
  const cases = match(CASES, path.value) !== null;
  const voicemails = match(VOICEMAILS, path.value) !== null;
  return (
    <div class="watch">
      <Top here={cases ? "cases" : voicemails ? "voicemails" : "watch"} onNote={() => { sheet.value = "note"; }} />
      <div class="strips"><ListeningBar /><AlarmStrip /></div>
      {cases ? <Cases /> : voicemails ? <Voicemails /> : (
        <main id="main" tabIndex={-1}>
          <h1 class="unseen">{say("watch")}</h1>
          <div class="tables" data-pane tabIndex={-1}>
            <QueueTable />
            <Lower />
          </div>
          <Pane />
        </main>
      )}
      <Sheets />
      <Speaker />
      <RoomSound />
    </div>
  );
}

function Cases() {
  return (
    <main id="main" class="only" tabIndex={-1}>
      <CaseList first="all" agentName={agentName} onHistory={(id) => location.assign(`/keputusan/${id}`)} />
    </main>
  );
}

function Voicemails() {
  return <main id="main" class="only" tabIndex={-1}><VoicemailList /></main>;
}

function Lower() {
  const agents = table.value === "agents";
  return (
    <>
      <div class="lower-head">
        <Segments
          label={say("table")} chosen={table.value} onChoose={(chosen) => { table.value = chosen; }}
          options={[{ id: "agents", label: `${say("agents")} ${agentCount()}` }, { id: "contacts", label: `${say("contacts")} ${contactCount()}` }]}
        />
        {queueFilter.value !== null && <OnlyQueue id={queueFilter.value} />}
        {agents ? <AgentFilters /> : <ContactFilters />}
      </div>
      <section class="box" aria-label={agents ? say("agents") : say("contacts")}>
        {agents ? <AgentTable /> : <ContactTable />}
      </section>
    </>
  );
}

/** Says that only one queue is shown, and ends it. */
function OnlyQueue({ id }: { readonly id: string }) {
  const only = say("only_queue", { queue: queueName(id) });
  const clear = (): void => {
    queueFilter.value = null;
    if (agentFilter.value === "helpers") agentFilter.value = "all";
  };
  return <Button size="small" icon="x" name={`${only}. ${say("all_queues")}`} onPress={clear}>{only}</Button>;
}

function nextPane(step: number): void {
  const panes = [...document.querySelectorAll<HTMLElement>("[data-pane]")];
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  panes[(at + step + panes.length) % panes.length]?.focus();
}

const KEYS: readonly Action[] = [
  { id: "pane", keys: "F6", label: say("key_pane"), run: () => nextPane(1) },
  { id: "pane-back", keys: "Shift+F6", label: say("key_pane_back"), run: () => nextPane(-1) },
  { id: "alert", keys: "F8", label: say("key_alarm"), run: () => document.querySelector<HTMLElement>(".strip button")?.focus() },
  { id: "close-details", keys: "Escape", label: say("key_close"), typing: false, when: () => selection.value !== null, run: unselect },
];

async function start(): Promise<void> {
  open(Watch);
  try {
    if ((await enter()) === null) return;
  } catch (error) {
    failure.value = problem(error);
    return;
  }
  entered.value = true;
  if (!may("contacts")) return;
  const chosen = selection.peek();
  if (chosen?.kind === "queue") queueFilter.value = chosen.id;
  actions.value = KEYS;
  startKeys();
  watchListening();
  watchAfterHours();
  watchAlarms();
  startLink();
}

void start();
