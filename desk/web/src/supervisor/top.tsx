import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { now } from "../lib/clock";
import { clock, initials } from "../lib/format";
import { LANGUAGES, chooseLanguage, language } from "../lib/i18n";
import { may, self, signOut } from "../lib/session";
import { type Theme, chooseTheme, theme } from "../lib/theme";
import { say as common } from "../text/common";
import { say as customer } from "../text/customer";
import { say } from "../text/supervisor";
import { say as voicemail } from "../text/voicemail";
import { say as password } from "../text/password";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Menu, MenuItem } from "../ui/menu";
import { OwnPassword } from "../ui/own-password";
import { Badge, badgeName } from "../voicemails/badge";

/** Where everybody's follow-ups are. */
export const CASES = "/pantau/tindak-lanjut";

/** Where messages of all queues are. */
export const VOICEMAILS = "/pantau/pesan-suara";

interface TopProps {
  readonly here: "watch" | "cases" | "voicemails" | "decisions" | "admin";
  readonly onNote?: () => void;
}

/** The bar of the pages for those who lead. */
export function Top({ here, onNote }: TopProps) {
  return (
    <header class="lead-bar">
      <Brand />
      <nav aria-label={say("sections")}>
        {may("contacts") && <a href="/pantau" aria-current={here === "watch" ? "page" : undefined}>{say("watch")}</a>}
        {may("lead") && <a href={CASES} aria-current={here === "cases" ? "page" : undefined}>{customer("cases")}</a>}
        {may("contacts") && (
          <a href={VOICEMAILS} aria-label={badgeName()} aria-current={here === "voicemails" ? "page" : undefined}>{voicemail("voicemail")} <Badge /></a>
        )}
        {may("review") && <a href="/keputusan" aria-current={here === "decisions" ? "page" : undefined}>{say("decisions")}</a>}
        {may("administer") && <a href="/kelola" aria-current={here === "admin" ? "page" : undefined}>{say("administer")}</a>}
        {self.value?.agent && <a href="/meja">{say("desk")}</a>}
      </nav>
      <span class="grow" />
      {onNote && may("lead") && <Button size="small" icon="speakerphone" popup="dialog" onPress={onNote}>{say("broadcast")}</Button>}
      <b class="wall-clock">{clock(now.value)} <span class="muted">{common("zone")}</span></b>
      <OwnMenu />
    </header>
  );
}

function OwnMenu() {
  const open = useSignal(false);
  const changing = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const name = self.value?.title || self.value?.user || say("own_menu");
  const pick = (doing: () => void) => (): void => {
    open.value = false;
    doing();
  };
  return (
    <>
      <button
        type="button" ref={button} class="avatar little" aria-haspopup="menu" aria-expanded={open.value} aria-label={name}
        onClick={() => { open.value = !open.value; }}
      >
        <span aria-hidden="true">{initials(name)}</span>
      </button>
      {open.value && (
        <Menu anchor={button} label={name} onClose={() => { open.value = false; }}>
          {LANGUAGES.map((each) => (
            <MenuItem key={each} checked={language.value === each} onPick={pick(() => chooseLanguage(each))}>
              <Icon name="language" /><span class="grow">{each === "id" ? "Bahasa Indonesia" : "English"}</span>
              {language.value === each && <Icon name="check" />}
            </MenuItem>
          ))}
          <hr />
          {(["system", "light", "dark"] as Theme[]).map((each) => (
            <MenuItem key={each} checked={theme.value === each} onPick={pick(() => chooseTheme(each))}>
              <Icon name={each === "dark" ? "moon" : each === "light" ? "sun" : "settings"} />
              <span class="grow">{common(`theme_${each}`)}</span>
              {theme.value === each && <Icon name="check" />}
            </MenuItem>
          ))}
          <hr />
          <MenuItem onPick={pick(() => { changing.value = true; })}><Icon name="password" />{password("change")}</MenuItem>
          <MenuItem onPick={pick(() => void signOut())}><Icon name="door-exit" />{common("sign_out")}</MenuItem>
        </Menu>
      )}
      {changing.value && <OwnPassword onClose={() => { changing.value = false; }} />}
    </>
  );
}
