import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/visit.css";
import { chooseLanguage, labelled, language } from "../lib/i18n";
import { moment } from "../lib/format";
import { serverTime } from "../lib/clock";
import { say } from "../text/visit";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Appointed } from "../visitor/appointed";
import { Done } from "../visitor/done";
import { Fault } from "../visitor/fault";
import { titleWords, watchMoments } from "../visitor/moments";
import { Ready } from "../visitor/ready";
import { Talk } from "../visitor/talk";
import { begin, call, screen, takeHere, welcome, wrong } from "../visitor/visit";
import { Waiting } from "../visitor/waiting";
import { open } from "./page";

function Head() {
  const link = call.value?.link.value;
  return (
    <header class="visit-head">
      <Brand />
      <span class="grow" />
      {screen.value === "waiting" && (
        <span class={`tag ${link === "up" ? "ok" : "off"}`} role="status">
          <Icon name={link === "up" ? "wifi" : "wifi-off"} />{link === "up" ? say("connected") : say("link_lost")}
        </span>
      )}
      <Button
        kind="quiet" size="small" icon="language" name={say("other_language_name")}
        onPress={() => chooseLanguage(language.value === "id" ? "en" : "id")}
      >
        {say("other_language")}
      </Button>
    </header>
  );
}

function Closed() {
  const now = welcome.value;
  if (!now) return null;
  const until = now.opens_at === null ? null : say("closed_until", { when: moment(now.opens_at, serverTime()) });
  return (
    <div class="visit-body">
      <h1>{say("closed_title")}</h1>
      <p class="visit-text">{until ?? (now.refusal === "media" ? say("closed_media") : say("closed_now"))}</p>
      <span class="grow" />
      <a class="button wide" href={`tel:${now.telephone}`}><Icon name="phone" />{say("call_instead", { number: now.telephone })}</a>
    </div>
  );
}

function Elsewhere() {
  return (
    <div class="visit-body">
      <h1>{say("elsewhere")}</h1>
      <span class="grow" />
      <Button kind="primary" wide onPress={takeHere}>{say("take_here")}</Button>
    </div>
  );
}

function Loading() {
  return <div class="visit-body">{wrong.value && <p class="visit-wrong" role="alert"><Icon name="alert-triangle" />{wrong.value.text}</p>}</div>;
}

const SCREENS = {
  loading: Loading, closed: Closed, appointment: Appointed, fault: Fault, ready: Ready, waiting: Waiting, call: Talk, done: Done, elsewhere: Elsewhere,
};

function Visit() {
  const Screen = SCREENS[screen.value];
  const talking = screen.value === "call";
  document.title = [titleWords.value, labelled(welcome.value?.centre, say("service")), say("service")].filter(Boolean).join(" · ");
  return (
    <main id="main" class={`visit${talking ? " talking" : ""}`} data-screen={screen.value}>
      {!talking && <Head />}
      <Screen />
    </main>
  );
}

open(Visit);
watchMoments();
void begin();
