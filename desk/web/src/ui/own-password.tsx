import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { Refused, tell } from "../lib/api";
import { FEWEST, passwordFlaw } from "../lib/password";
import { self } from "../lib/session";
import { problem } from "../lib/words";
import { say as common } from "../text/common";
import { say } from "../text/password";
import { Button } from "./button";
import { Icon } from "./icon";
import { Sheet } from "./sheet";

/** One's own password, changed by whoever knows the present one. */
export function OwnPassword({ onClose }: { readonly onClose: () => void }) {
  const old = useSignal("");
  const fresh = useSignal("");
  const again = useSignal("");
  const wrong = useSignal<string | null>(null);
  const done = useSignal(false);
  const form = useId();
  const change = async (): Promise<void> => {
    const flaw = passwordFlaw(old.value, fresh.value, again.value);
    wrong.value = old.value === "" ? say("missing") : flaw && say(flaw);
    if (wrong.value !== null) return;
    try {
      await tell("/session/password", { old: old.value, new: fresh.value });
      done.value = true;
    } catch (error) {
      wrong.value = refusal(error);
    }
  };
  if (done.value) {
    return (
      <Sheet title={say("change")} onClose={onClose} footer={<Button kind="primary" onPress={onClose} first>{common("close")}</Button>}>
        <p role="status"><Icon name="check" /> {say("changed")}</p>
      </Sheet>
    );
  }
  return (
    <Sheet title={say("change")} onClose={onClose} footer={<Footer form={form} onBack={onClose} />}>
      <form
        id={form} class="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void change();
        }}
      >
        <p class="small muted" id={`${form}-hint`}>{say("hint")}</p>
        {wrong.value && <p class="wrong" role="alert"><Icon name="alert-triangle" />{wrong.value}</p>}
        {/* For whatever keeps passwords for the person. */}
        <input type="text" autocomplete="username" value={self.value?.user ?? ""} readOnly hidden />
        <Password id={`${form}-old`} label={say("old")} complete="current-password" value={old} first />
        <Password id={`${form}-fresh`} label={say("fresh")} complete="new-password" value={fresh} hint={`${form}-hint`} />
        <Password id={`${form}-again`} label={say("again")} complete="new-password" value={again} />
      </form>
    </Sheet>
  );
}

function Footer({ form, onBack }: { readonly form: string; readonly onBack: () => void }) {
  return (
    <>
      <Button onPress={onBack}>{common("back")}</Button>
      <button type="submit" class="button primary" form={form}>{say("change")}</button>
    </>
  );
}

interface PasswordProps {
  readonly id: string;
  readonly label: string;
  readonly complete: "current-password" | "new-password";
  readonly value: { value: string };
  readonly first?: boolean;
  readonly hint?: string;
}

function Password({ id, label, complete, value, first, hint }: PasswordProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id} class="input" type="password" autocomplete={complete} required value={value.value}
        {...(complete === "new-password" && { minLength: FEWEST })} aria-describedby={hint} data-first={first ? "" : undefined}
        onInput={(event) => { value.value = event.currentTarget.value; }}
      />
    </div>
  );
}

function refusal(error: unknown): string {
  if (!(error instanceof Refused)) return problem(error);
  if (error.code === "wrong_password") return say("wrong");
  return error.code === "later" ? say("later") : problem(error);
}
