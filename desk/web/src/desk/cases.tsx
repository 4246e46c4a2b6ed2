import { signal } from "@preact/signals";
import { CaseList } from "../cases/list";
import { go } from "../lib/router";
import { say } from "../text/customer";
import { Button } from "../ui/button";
import { Sheet } from "../ui/sheet";
import { colleagueName } from "./contact";
import { Journey } from "./journey";
import { focusSoon } from "./place";

export const CASES = "/meja/tindak-lanjut";

const opened = signal<string | null>(null);

export function openCases(): void {
  go(CASES);
  focusSoon("[data-cases-heading]");
}

/** The follow-up list, in the place of contact and customer. The work list with its offers stays. */
export function Cases() {
  return (
    <>
      <CaseList first="mine" agentName={colleagueName} onHistory={(id) => { opened.value = id; }}>
        <Button size="small" icon="arrow-back-up" onPress={() => go("/meja")}>{say("cases_back")}</Button>
      </CaseList>
      {opened.value && (
        <Sheet title={say("case_history")} onClose={() => { opened.value = null; }}>
          <Journey id={opened.value} phase="closed" />
        </Sheet>
      )}
    </>
  );
}
