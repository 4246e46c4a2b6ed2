// What each page begins with.

import { type ComponentChildren, render } from "preact";
import { startClock } from "../lib/clock";
import { language } from "../lib/i18n";
import { startRouter } from "../lib/router";
import { LiveRegions } from "../ui/live-regions";
import { say } from "../text/common";

/** Put a page on the screen, with the clock, the address and the announcements. */
export function open(Content: () => ComponentChildren): void {
  startClock();
  startRouter();
  const root = document.getElementById("app");
  if (!root) throw new Error("the shell has no #app");
  function Page() {
    // A change of language paints everything anew.
    return (
      <div class="page" key={language.value}>
        <a class="skip-link button primary" href="#main">{say("skip")}</a>
        <Content />
        <LiveRegions />
      </div>
    );
  }
  render(<Page />, root);
}
