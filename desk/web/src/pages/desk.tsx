import { effect, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/desk.css";

import { startKeys } from "../lib/keys";
import { match, path } from "../lib/router";
import { enter } from "../lib/session";
import { soundSettings, unlock, unlocked } from "../lib/sounds";
import { claimDesk, tab, takeDesk } from "../lib/tabs";
import { problem } from "../lib/words";
import { CASES, Cases } from "../desk/cases";
import { ContactPane } from "../desk/contact-pane";
import { CustomerPane } from "../desk/customer-pane";
import { bindDeskKeys } from "../desk/keymap";
import { link, startLink } from "../desk/link";
import { watchDrafts } from "../desk/drafts";
import { watchNotices } from "../desk/notices";
import { offerView, watchOffers } from "../desk/offers";
import { watchPasts } from "../desk/past";
import { watchPhone } from "../desk/phone-link";
import { watchCall } from "../desk/recovery";
import { watchMoments } from "../desk/moments";
import { ArticleSheet, watchArticles } from "../desk/scripts";
import { Sheets } from "../desk/sheets";
import { Speaker } from "../desk/speaker";
import { ShiftStart } from "../desk/start";
import { Strips } from "../desk/strips";
import { TopBar } from "../desk/top-bar";
import { VOICEMAILS, Voicemails, watchVoicemails } from "../desk/voicemails";
import { WorkPane } from "../desk/work-pane";
import * as phone from "../phone/phone";
import { say as common } from "../text/common";
import { say } from "../text/desk";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { RoomSound } from "../video/room";
import { open } from "./page";

const failure = signal<string | null>(null);

function Desk() {
  if (failure.value) {
    return (
      <Alone title={failure.value}>
        <Button kind="primary" onPress={() => location.reload()}>{common("retry")}</Button>
      </Alone>
    );
  }
  if (tab.value === "elsewhere") {
    return (
      <Alone title={say("other_tab")} text={say("other_tab_hint")}>
        <Button kind="primary" onPress={() => void takeDesk()}>{say("other_tab_take")}</Button>
      </Alone>
    );
  }
  const starting = match("/meja/mulai", path.value) !== null;
  const visual = soundSettings.value.visual && offerView.value !== null;
  return (
    <div class={`desk${visual ? " pulsing" : ""}`}>
      <TopBar />
      <Strips />
      <main id="main" class={starting ? "starting" : ""} tabIndex={-1}>
        {starting ? <ShiftStart /> : (
          <>
            <WorkPane />
            {match(CASES, path.value) ? <Cases /> : match(VOICEMAILS, path.value) ? <Voicemails /> : (
              <>
                <ContactPane />
                <CustomerPane />
              </>
            )}
          </>
        )}
      </main>
      <div class="too-small">
        <h1>{say("small_screen")}</h1>
        <p>{say("small_screen_hint")}</p>
      </div>
      <Sheets />
      <ArticleSheet />
      <Speaker />
      <RoomSound />
    </div>
  );
}

function Alone({ title, text, children }: { readonly title: string; readonly text?: string; readonly children: ComponentChildren }) {
  return (
    <main id="main" class="alone" tabIndex={-1}>
      <Brand />
      <h1>{title}</h1>
      {text && <p class="muted">{text}</p>}
      {children}
    </main>
  );
}

async function start(): Promise<void> {
  open(Desk);
  // Any touch of the page lets it sound.
  for (const touch of ["keydown", "pointerdown"]) {
    addEventListener(touch, () => {
      if (!unlocked.peek()) void unlock();
    });
  }
  void unlock();
  void claimDesk();
  try {
    if ((await enter()) === null) return;
  } catch (error) {
    failure.value = problem(error);
    return;
  }
  bindDeskKeys();
  startKeys();
  watchOffers();
  watchNotices();
  watchPhone();
  watchCall();
  watchMoments();
  watchPasts();
  watchArticles();
  watchDrafts();
  watchVoicemails();
  let was: "new" | "here" | "lost" = "new";
  effect(() => {
    const here = tab.value === "here";
    if (here && was === "new") {
      was = "here";
      startLink();
    } else if (!here && was === "here") {
      was = "lost";
      link.stop();
      phone.stopPhone();
    } else if (here && was === "lost") {
      // The desk comes back to this tab: it begins anew, as after a reload.
      location.reload();
    }
  });
}

void start();
