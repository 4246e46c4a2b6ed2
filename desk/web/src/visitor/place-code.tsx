import { signal } from "@preact/signals";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { check, code, codeFault, dropCode, goodCode } from "./code";

const typing = signal(false);

/** Take along the place that one has on the telephone. */
export function PlaceCode() {
  if (goodCode.value) {
    return (
      <div class="visit-code good" role="status">
        <Icon name="check" />
        <p>{say("code_good")}</p>
      </div>
    );
  }
  if (!typing.value && !codeFault.value) {
    return (
      <button type="button" class="link" onClick={() => (typing.value = true)}>{say("code_have")}</button>
    );
  }
  return (
    <div class="visit-code">
      <div class="visit-field">
        <label for="code">{say("code")}</label>
        <span class="row">
          <input
            id="code" class="grow" inputMode="numeric" autocomplete="off" maxLength={16} value={code.value}
            aria-invalid={codeFault.value !== null} aria-describedby={codeFault.value ? "code-fault" : undefined}
            onInput={(event) => {
              code.value = event.currentTarget.value;
            }}
            onKeyDown={(event) => {
              if (event.key !== "Enter") return;
              event.preventDefault();
              void check();
            }}
          />
          <Button onPress={check}>{say("code_check")}</Button>
        </span>
      </div>
      {codeFault.value && <p class="visit-wrong" role="alert" id="code-fault"><Icon name="alert-triangle" />{say(codeFault.value)}</p>}
      {codeFault.value && (
        <Button
          kind="quiet" wide onPress={() => {
            typing.value = false;
            dropCode();
          }}
        >
          {say("code_without")}
        </Button>
      )}
    </div>
  );
}
