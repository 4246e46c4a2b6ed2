import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { announce } from "../lib/announce";
import { Refused, tell } from "../lib/api";
import { self } from "../lib/session";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { type Outcome, spoken } from "./file";
import type { Account, FirstPassword, Role } from "./model";
import type { Person } from "./people";

const ROLES: readonly Role[] = ["agent", "leader", "qa", "supervisor", "admin"];
const NAME = /^[a-z][a-z0-9._-]{0,63}$/;
const WORKING: readonly Role[] = ["agent", "leader", "supervisor"];

interface AccountProps {
  /** Null for one to be made. */
  readonly account: Account | null;
  readonly agents: readonly Person[];
  readonly onChanged: () => Promise<void>;
  readonly onClose: () => void;
}

/** One account: who it is, what it may, and how it signs in. */
export function AccountSheet({ account, agents, onChanged, onClose }: AccountProps) {
  const name = useSignal(account?.name ?? "");
  const display = useSignal(account?.display ?? "");
  const role = useSignal<Role>(account?.roles[0] ?? "agent");
  const agent = useSignal(account?.agent ?? "");
  const wrong = useSignal<Readonly<Record<string, string>>>({});
  const outcome = useSignal<Outcome | null>(null);
  const password = useSignal<FirstPassword | null>(null);
  const asking = useSignal<Doing | null>(null);
  const base = account === null ? "/admin/users" : `/admin/users/${encodeURIComponent(account.name)}`;

  const attempt = async (done: string, run: () => Promise<unknown>): Promise<boolean> => {
    try {
      const answer = await run();
      if (isPassword(answer)) password.value = answer;
      outcome.value = { good: true, text: done };
      wrong.value = {};
      await onChanged();
    } catch (error) {
      if (error instanceof Refused && error.status === 409 && account === null) wrong.value = { name: say("account_taken") };
      else if (error instanceof Refused && error.status === 422 && error.key) wrong.value = { [error.key]: error.message || say("wrong") };
      outcome.value = { good: false, text: spoken(error) };
    }
    announce(outcome.value.text, !outcome.value.good);
    return outcome.value.good;
  };
  const save = async (): Promise<void> => {
    if (account === null && !NAME.test(name.value.trim())) {
      wrong.value = { name: say("account_name_form") };
      return;
    }
    const body = { roles: [role.value], display: display.value.trim(), agent: agent.value || null };
    if (account === null) await attempt(say("account_made"), () => tell(base, { name: name.value.trim(), ...body }));
    else if (await attempt(say("account_saved"), () => tell(base, body, { method: "PATCH" }))) onClose();
  };
  if (password.value) return <Once password={password.value} onClose={onClose} />;
  if (account && asking.value) {
    const doing = asking.value;
    return <Ask doing={doing} account={account} onBack={() => { asking.value = null; }} onDo={async () => { await attempt(say(`${doing}_done`), () => perform(doing, base)); asking.value = null; }} />;
  }
  const own = account?.name === self.value?.user;
  return (
    <Sheet
      title={account === null ? say("account_add") : say("account_of", { name: account.name })} onClose={onClose}
      footer={<><Button onPress={onClose}>{common("back")}</Button><Button kind="primary" onPress={save}>{account === null ? say("account_make") : common("save")}</Button></>}
    >
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {account === null && <Line label={say("account_name")} hint={say("account_name_hint")} value={name.value} wrong={wrong.value["name"]} first plain onChange={(text) => { name.value = text; wrong.value = {}; }} />}
        <Line label={say("account_display")} hint={say("account_display_hint")} value={display.value} wrong={wrong.value["display"]} first={account !== null} onChange={(text) => { display.value = text; }} />
        <div class="grid">
          <Choose label={say("account_role")} value={role.value} wrong={wrong.value["roles"]} onChange={(to) => { role.value = to as Role; }} options={ROLES.map((each) => ({ id: each, label: say(`role_${each}`) }))} hint={say(`role_${role.value}_hint`)} />
          <Choose
            label={say("account_agent")} value={agent.value} wrong={wrong.value["agent"]} onChange={(to) => { agent.value = to; }} hint={say(WORKING.includes(role.value) ? "account_agent_hint" : "account_agent_idle")}
            options={[{ id: "", label: say("account_no_agent") }, ...agents.map((each) => ({ id: each.id, label: `${each.name} (${each.id})` }))]}
          />
        </div>
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </form>
      {account && (
        <section class="account-acts" aria-label={say("sign_in")}>
          <h3 class="label">{say("sign_in")}</h3>
          <div class="row wrap">
            <Button icon="lock" onPress={() => { asking.value = "password"; }}>{say("password_new")}</Button>
            <Button icon="refresh" reason={account.totp ? null : say("totp_none")} onPress={() => { asking.value = "totp"; }}>{say("totp_reset")}</Button>
            <Button icon="door-exit" reason={account.sessions === 0 ? say("sessions_none") : null} onPress={() => { asking.value = "sessions"; }}>{say("sessions_end", { count: account.sessions })}</Button>
            <Button kind={account.disabled ? "go" : "end"} reason={own ? say("own_account") : null} onPress={() => { asking.value = account.disabled ? "enable" : "disable"; }}>{say(account.disabled ? "account_enable" : "account_disable")}</Button>
          </div>
        </section>
      )}
      {outcome.value && <p class={`outcome ${outcome.value.good ? "done" : "failed"}`}><Icon name={outcome.value.good ? "check" : "alert-triangle"} />{outcome.value.text}</p>}
    </Sheet>
  );
}

type Doing = "password" | "totp" | "sessions" | "disable" | "enable";

function perform(doing: Doing, base: string): Promise<unknown> {
  switch (doing) {
    case "password":
      return tell(`${base}/password`);
    case "totp":
      return tell(`${base}/totp-reset`);
    case "sessions":
      return tell(`${base}/sessions`, {}, { method: "DELETE" });
    default:
      return tell(base, { disabled: doing === "disable" }, { method: "PATCH" });
  }
}

function isPassword(answer: unknown): answer is FirstPassword {
  return typeof answer === "object" && answer !== null && "password" in answer;
}

interface AskProps {
  readonly doing: Doing;
  readonly account: Account;
  readonly onBack: () => void;
  readonly onDo: () => Promise<void>;
}

/** A question before something that the person at the other end will notice. */
function Ask({ doing, account, onBack, onDo }: AskProps) {
  return (
    <Sheet
      title={say(`${doing}_ask`, { name: account.name })} onClose={onBack}
      footer={<><Button first onPress={onBack}>{common("back")}</Button><Button kind={doing === "enable" ? "go" : doing === "disable" ? "end" : "primary"} onPress={onDo}>{say(`${doing}_do`)}</Button></>}
    >
      <p>{say(`${doing}_hint`)}</p>
    </Sheet>
  );
}

/** A password that nobody will be shown again. */
function Once({ password, onClose }: { readonly password: FirstPassword; readonly onClose: () => void }) {
  const copied = useSignal(false);
  return (
    <Sheet title={say("once_title", { name: password.name })} onClose={onClose} footer={<Button kind="primary" onPress={onClose}>{say("once_done")}</Button>}>
      <p>{say("once_hint")}</p>
      <div class="row">
        <code class="password" data-first tabIndex={-1}>{password.password}</code>
        <Button icon="copy" onPress={async () => { await navigator.clipboard.writeText(password.password); copied.value = true; }}>{say(copied.value ? "copied" : "copy")}</Button>
      </div>
    </Sheet>
  );
}

interface LineProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly wrong: string | undefined;
  readonly first?: boolean;
  readonly plain?: boolean;
  readonly onChange: (text: string) => void;
}

function Line({ label, hint, value, wrong, first, plain, onChange }: LineProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} class="input" value={value} maxLength={200} autocomplete="off" spellcheck={false} autocapitalize={plain ? "none" : "words"} data-first={first ? "" : undefined}
        aria-invalid={wrong ? true : undefined} aria-describedby={`${id}-hint${wrong ? ` ${id}-wrong` : ""}`} onInput={(event) => onChange(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>{hint}</p>
      {wrong && <p class="error" id={`${id}-wrong`} role="alert">{wrong}</p>}
    </div>
  );
}

interface ChooseProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly wrong: string | undefined;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly onChange: (id: string) => void;
}

function Choose({ label, hint, value, wrong, options, onChange }: ChooseProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} class="input" value={value} aria-invalid={wrong ? true : undefined} aria-describedby={`${id}-hint`} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((each) => <option key={each.id} value={each.id}>{each.label}</option>)}
      </select>
      <p class="hint" id={`${id}-hint`}>{hint}</p>
      {wrong && <p class="error" role="alert">{wrong}</p>}
    </div>
  );
}
