import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { announce } from "../lib/announce";
import { API, Refused, ask, tell } from "../lib/api";
import { spoken as duration } from "../lib/format";
import { say as common } from "../text/common";
import { say } from "../text/admin";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { Sheet } from "../ui/sheet";
import { type Outcome, inForce, spoken } from "./file";
import { flaw } from "./flaws";
import { author, moment } from "./history";
import type { Prompt, SoundSaved, SoundVersion } from "./model";
import { upload } from "./upload";

const LARGEST = 20 * 1024 * 1024;

interface SoundProps {
  readonly prompt: Prompt;
  readonly language: string;
  readonly languageName: string;
  /** Whether the texts have changes that callers do not hear yet. */
  readonly unsaved: boolean;
  readonly onChanged: () => Promise<void>;
}

/** What is heard of a prompt in one language: listen, give it a recording, or let the text be spoken again. */
export function Sound({ prompt, language, languageName, unsaved, onChanged }: SoundProps) {
  const place = `/admin/prompts/${encodeURIComponent(language)}/${encodeURIComponent(prompt.name)}`;
  const address = `${place}/sound`;
  const file = useRef<HTMLInputElement>(null);
  const outcome = useSignal<Outcome | null>(null);
  const asking = useSignal(false);
  const history = useSignal(false);
  const recorded = prompt.recorded[language] ?? false;
  const length = prompt.length_ms[language] ?? null;

  const attempt = async (run: () => Promise<SoundSaved>): Promise<void> => {
    try {
      const saved = await run();
      await onChanged();
      outcome.value = { good: (saved.reloaded.problems ?? []).length === 0, text: inForce(saved.reloaded, saved.version) };
    } catch (error) {
      const why = error instanceof Refused && error.status === 422 && error.message ? say("sound_refused", { why: flaw(error.message) }) : spoken(error);
      outcome.value = { good: false, text: why };
    }
    announce(outcome.value.text, !outcome.value.good);
  };
  const send = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    if (chosen.size > LARGEST) outcome.value = { good: false, text: say("sound_large") };
    else await attempt(() => upload<SoundSaved>(address, chosen));
    if (file.current) file.current.value = "";
  };
  return (
    <div class="sound">
      <div class="row wrap">
        <span class={`chip ${recorded ? "talking" : ""}`}><Icon name={recorded ? "microphone" : "speakerphone"} />{say(recorded ? "sound_recorded" : "sound_spoken")}</span>
        {length !== null && <span class="small muted">{duration(length)}</span>}
        <span class="grow" />
        <Listen url={`${API}${address}`} version={`${recorded} ${length}`} name={say("listen_to", { name: prompt.name, language: languageName })} />
        <Button size="small" icon="upload" onPress={() => file.current?.click()}>{say("sound_upload")}</Button>
        <input
          ref={file} type="file" accept=".wav,audio/wav,audio/x-wav" hidden aria-label={say("sound_file", { name: prompt.name, language: languageName })}
          onChange={(event) => void send(event.currentTarget.files?.[0])}
        />
        {recorded && <Button size="small" icon="arrow-back-up" popup="dialog" onPress={() => { asking.value = true; }}>{say("sound_text")}</Button>}
        <Button size="small" kind="quiet" icon="history" popup="dialog" onPress={() => { history.value = true; }}>{say("tab_history")}</Button>
      </div>
      {unsaved && <p class="small muted">{say("sound_unsaved")}</p>}
      {outcome.value && <p class={`outcome ${outcome.value.good ? "done" : "failed"}`}><Icon name={outcome.value.good ? "check" : "alert-triangle"} />{outcome.value.text}</p>}
      {asking.value && (
        <Sheet
          title={say("sound_text_ask")} onClose={() => { asking.value = false; }}
          footer={
            <>
              <Button first onPress={() => { asking.value = false; }}>{common("back")}</Button>
              <Button
                kind="primary"
                onPress={async () => {
                  await attempt(() => tell<SoundSaved>(address, {}, { method: "DELETE" }));
                  asking.value = false;
                }}
              >
                {say("sound_text")}
              </Button>
            </>
          }
        >
          <p>{say("sound_text_hint")}</p>
        </Sheet>
      )}
      {history.value && (
        <SoundHistory
          address={place} title={say("sound_history", { name: prompt.name, language: languageName })} onClose={() => { history.value = false; }}
          onBack={(version) => attempt(() => tell<SoundSaved>(`${place}/undo`, { version, note: say("undo_note", { version }) }))}
        />
      )}
    </div>
  );
}

interface ListenProps {
  readonly url: string;
  /** Changes when there is something else to be heard. */
  readonly version: string;
  readonly name: string;
}

/** Play, and stop. Leaving the page ends it. */
function Listen({ url, version, name }: ListenProps) {
  const playing = useSignal(false);
  const failed = useSignal(false);
  const audio = useRef<HTMLAudioElement | null>(null);
  const stop = (): void => {
    audio.current?.pause();
    audio.current = null;
    playing.value = false;
  };
  useEffect(() => stop, [url, version]);
  const play = async (): Promise<void> => {
    if (playing.value) {
      stop();
      return;
    }
    const sound = new Audio(url);
    audio.current = sound;
    sound.addEventListener("ended", stop);
    playing.value = true;
    failed.value = false;
    try {
      await sound.play();
    } catch {
      // Stopped before it began is no failure.
      failed.value = audio.current === sound;
      stop();
    }
  };
  return (
    <>
      {failed.value && <span class="error small" role="alert">{say("sound_unplayable")}</span>}
      <Button size="small" icon={playing.value ? "player-pause" : "player-play"} name={name} onPress={play}>{say(playing.value ? "listen_stop" : "listen")}</Button>
    </>
  );
}

interface HistoryProps {
  readonly address: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly onBack: (version: number) => Promise<void>;
}

function SoundHistory({ address, title, onClose, onBack }: HistoryProps) {
  const versions = useSignal<readonly SoundVersion[] | null>(null);
  const fault = useSignal<string | null>(null);
  useEffect(() => {
    ask<readonly SoundVersion[]>(`${address}/history`).then(
      (found) => { versions.value = found; },
      (error: unknown) => { fault.value = spoken(error); },
    );
  }, [address]);
  return (
    <Sheet title={title} onClose={onClose} footer={<Button first onPress={onClose}>{common("close")}</Button>}>
      {fault.value !== null && <p class="outcome failed">{fault.value}</p>}
      {versions.value?.length === 0 && <p class="muted">{say("sound_history_empty")}</p>}
      <ol class="versions">
        {(versions.value ?? []).map((each, n) => (
          <li key={each.version}>
            <div class="row wrap">
              <b>{say("version", { version: each.version })}</b>
              <span>{say(each.recorded ? "sound_recorded" : "sound_spoken")}{each.length_ms === null ? "" : ` · ${duration(each.length_ms)}`}</span>
              <span><bdi>{author(each.by)}</bdi></span><span class="muted">{moment(each.at)}</span>
              <span class="grow" />
              {n > 0 && (
                <Button
                  size="small" icon="arrow-back-up"
                  onPress={async () => {
                    await onBack(each.version);
                    onClose();
                  }}
                >
                  {say("restore")}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
    </Sheet>
  );
}
