import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { clock } from "../lib/format";
import { say } from "../text/visit";
import type { VideoCall } from "../video/call";
import { Button } from "../ui/button";
import { Attach, Handed, OnTheWay } from "./handed";

const draft = signal("");

interface ChatDrawerProps {
  readonly call: VideoCall;
  /** Whose lines are one's own. */
  readonly me: string;
  /** Whom one writes to; the officer unless said. */
  readonly label?: string;
  /** A supervisor who listens only reads. */
  readonly reading?: boolean;
  readonly onClose: () => void;
}

/** The chat beside a call. Only the other side's lines are spoken by a screen reader. */
export function ChatDrawer({ call, me, label = say("chat_label"), reading = false, onClose }: ChatDrawerProps) {
  const end = useRef<HTMLLIElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const lines = call.lines.value;
  useEffect(() => end.current?.scrollIntoView({ block: "end" }), [lines.length]);
  useEffect(() => field.current?.focus(), []);
  const send = (event: Event): void => {
    event.preventDefault();
    const text = draft.value.trim();
    if (!text) return;
    call.write(text);
    draft.value = "";
  };
  return (
    <section
      class="visit-chat" aria-label={say("chat")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // At the desk the same key would send a colleague away.
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="row">
        <h2 class="grow">{say("chat")}</h2>
        <Button kind="quiet" icon="x" name={say("chat_close")} onPress={onClose} />
      </header>
      <div class="visit-lines" role="log" aria-live="polite"><ol>
        {lines.length === 0 && <li class="muted">{say("chat_empty")}</li>}
        {lines.map((line) => (
          <li key={line.id} class={line.sender === me ? "mine" : ""} aria-live={line.sender === me ? "off" : undefined}>
            {line.file ? <Handed url={call.fileUrl(line.file.id)} file={line.file} staff={me !== "visitor"} /> : <bdi>{line.text}</bdi>}
            <small>{clock(line.at)}</small>
          </li>
        ))}
        <li ref={end} aria-hidden="true" />
      </ol></div>
      <OnTheWay call={call} />
      {!reading && <form class="row" onSubmit={send}>
        <Attach call={call} />
        <input
          ref={field} class="grow" aria-label={label} placeholder={label} maxLength={2000} value={draft.value}
          onInput={(event) => {
            draft.value = event.currentTarget.value;
          }}
        />
        <Button kind="primary" icon="send" name={say("chat_send")} submit />
      </form>}
    </section>
  );
}
