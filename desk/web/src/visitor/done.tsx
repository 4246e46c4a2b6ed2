import { signal } from "@preact/signals";
import { problem } from "../lib/words";
import { say } from "../text/visit";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { again, calledOn, rate, rated, reference, talked } from "./visit";

const SCORES = [1, 2, 3, 4, 5] as const;
const score = signal(0);
const comment = signal("");
const failed = signal<string | null>(null);

async function send(): Promise<void> {
  failed.value = null;
  try {
    await rate(score.value, comment.value.trim());
  } catch (error) {
    failed.value = problem(error);
  }
}

/** The end: a rating if there was a conversation, and the way to a new one. */
export function Done() {
  if (calledOn.value) return <Promised number={calledOn.value} />;
  return (
    <div class="visit-body">
      <span class="tag ok"><Icon name="check" />{talked.value ? say("ended") : say("ended_wait")}</span>
      {talked.value && (rated.value ? <p class="visit-thanks" role="status">{say("thanks")}</p> : <Rating />)}
      {reference.value && <p class="muted">{say("case_number")}: <b>{reference.value}</b></p>}
      <span class="grow" />
      <Button wide icon="refresh" onPress={again}>{say("again")}</Button>
    </div>
  );
}

/** Left the line to be called. */
function Promised({ number }: { readonly number: string }) {
  return (
    <div class="visit-body">
      <span class="tag ok"><Icon name="check" />{say("promised_tag")}</span>
      <h1>{say("promised", { number })}</h1>
      <p class="visit-text">{say("promised_text")}</p>
      {reference.value && <p class="muted">{say("case_number")}: <b>{reference.value}</b></p>}
      <span class="grow" />
      <Button wide icon="refresh" onPress={again}>{say("again")}</Button>
    </div>
  );
}

function Rating() {
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <fieldset class="visit-stars">
        <legend><h1>{say("rate")}</h1></legend>
        {SCORES.map((each) => (
          <label key={each} class={score.value === each ? "chosen" : ""}>
            <input
              type="radio" name="score" value={each} checked={score.value === each}
              onChange={() => {
                score.value = each;
              }}
            />
            <b>{each}</b>
            <span>{say(`rate_${each}`)}</span>
          </label>
        ))}
      </fieldset>
      <div class="visit-field">
        <label for="comment">{say("comment")}</label>
        <textarea
          id="comment" rows={3} maxLength={1000} value={comment.value}
          onInput={(event) => {
            comment.value = event.currentTarget.value;
          }}
        />
      </div>
      {failed.value && <p class="visit-wrong" role="alert"><Icon name="alert-triangle" />{failed.value}</p>}
      <Button kind="primary" wide submit reason={score.value ? null : say("rate")}>{say("rate_send")}</Button>
    </form>
  );
}
