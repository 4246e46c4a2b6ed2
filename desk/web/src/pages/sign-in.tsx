import { signal } from "@preact/signals";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/components.css";
import "../styles/sign-in.css";
import { Refused, ask, tell } from "../lib/api";
import { LANGUAGES, asLanguage, chooseLanguage, language } from "../lib/i18n";
import { kept } from "../lib/keep";
import type { Self } from "../lib/model";
import { FEWEST, passwordFlaw } from "../lib/password";
import { problem } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/sign-in";
import { Brand } from "../ui/brand";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Segments } from "../ui/tabs";
import { open } from "./page";

const name = signal("");
const password = signal("");
const code = signal("");
/** Whether the account asked for the second factor. */
const coded = signal(false);
/** Whether the password is good only for choosing another one. */
const once = signal(false);
const fresh = signal("");
const again = signal("");
const wrong = signal<string | null>(null);
/** What the button of the identity provider says, if there is one. */
const provider = signal<string | null>(null);

/** Where to go afterwards: only to a place of this site. */
export function destination(search: string, role: string): string {
  const to = new URLSearchParams(search).get("to");
  if (to && /^\/(?![/\\])/.test(to) && !to.startsWith("/masuk")) return to;
  return role === "agent" ? "/meja" : role === "admin" ? "/kelola" : role === "qa" ? "/mutu" : "/pantau";
}

async function signIn(): Promise<void> {
  wrong.value = missing();
  if (wrong.value !== null) return;
  try {
    const body = {
      name: name.value.trim(), password: password.value, code: code.value.replace(/\D/g, ""), ...(once.value && { new: fresh.value }),
    };
    const who = await tell<Self>("/session", body);
    if (!kept<string>("local", "language", "")) chooseLanguage(asLanguage(who.language));
    location.assign(destination(location.search, who.role));
  } catch (error) {
    wrong.value = refusal(error);
    setTimeout(() => document.getElementById(coded.value ? "code" : once.value ? "fresh" : "password")?.focus(), 30);
  }
}

function missing(): string | null {
  if (name.value.trim() === "") return say("name_missing");
  if (password.value === "") return say("password_missing");
  if (once.value && unfit() !== null) return unfit();
  return coded.value && code.value.trim() === "" ? say("code_missing") : null;
}

function unfit(): string | null {
  const flaw = passwordFlaw(password.value, fresh.value, again.value);
  return flaw && say(`new_${flaw}`);
}

function refusal(error: unknown): string | null {
  if (!(error instanceof Refused)) return problem(error);
  if (error.code === "code_needed") {
    coded.value = true;
    return null;
  }
  if (error.code === "new_password_needed") {
    once.value = true;
    return null;
  }
  if (error.code === "wrong_password") return say("wrong_password");
  if (error.code === "wrong_code") return say("wrong_code");
  return error.code === "later" ? say("later") : problem(error);
}

function SignIn() {
  const to = new URLSearchParams(location.search).get("to") ?? "/meja";
  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <div class="row">
          <Brand />
          <span class="grow" />
          <Segments
            label={common("language")}
            options={LANGUAGES.map((id) => ({ id, label: id === "id" ? "ID" : "EN" }))}
            chosen={language.value}
            onChoose={chooseLanguage}
          />
        </div>
        <div>
          <h1>{say("title")}</h1>
          <p class="muted">{say("intro")}</p>
        </div>
        {wrong.value && <p class="wrong" role="alert" id="wrong"><Icon name="alert-triangle" />{wrong.value}</p>}
        <div class="field">
          <label for="name">{say("name")}</label>
          <input
            id="name" class="input tall" autocomplete="username" autocapitalize="none" spellcheck={false} required value={name.value}
            aria-describedby={wrong.value ? "wrong" : undefined} onInput={(event) => { name.value = event.currentTarget.value; }}
          />
        </div>
        <div class="field">
          <label for="password">{say("password")}</label>
          <input
            id="password" class="input tall" type="password" autocomplete="current-password" required value={password.value}
            aria-describedby={wrong.value ? "wrong" : undefined} onInput={(event) => { password.value = event.currentTarget.value; }}
          />
        </div>
        {once.value && (
          <fieldset class="fresh">
            <legend>{say("new_title")}</legend>
            <p class="hint" id="new-hint">{say("new_hint")}</p>
            <div class="field">
              <label for="fresh">{say("new_password")}</label>
              <input
                id="fresh" class="input tall" type="password" autocomplete="new-password" required minLength={FEWEST} value={fresh.value}
                aria-describedby="new-hint" onInput={(event) => { fresh.value = event.currentTarget.value; }}
              />
            </div>
            <div class="field">
              <label for="again">{say("new_again")}</label>
              <input
                id="again" class="input tall" type="password" autocomplete="new-password" required value={again.value}
                onInput={(event) => { again.value = event.currentTarget.value; }}
              />
            </div>
          </fieldset>
        )}
        {coded.value && (
          <div class="field">
            <label for="code">{say("code")}</label>
            <input
              id="code" class="input tall" inputMode="numeric" autocomplete="one-time-code" value={code.value}
              aria-describedby="code-hint" onInput={(event) => { code.value = event.currentTarget.value; }}
            />
            <p class="hint" id="code-hint">{say("code_hint")}</p>
          </div>
        )}
        <Button kind="primary" size="tall" submit>{say("go")}</Button>
        {provider.value && (
          <>
            <span class="or">{say("or")}</span>
            <a class="button tall" href={`/api/v1/oidc/start?to=${encodeURIComponent(to)}`}>{say("sso", { name: provider.value })}</a>
          </>
        )}
      </form>
    </main>
  );
}

open(SignIn);
ask<{ readonly oidc: string | null }>("/sign-in-ways")
  .then((answer) => {
    provider.value = answer.oidc;
  })
  // Without an answer there is the way by password, which is always there.
  .catch(() => undefined);
