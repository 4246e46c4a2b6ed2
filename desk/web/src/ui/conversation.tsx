import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { clock } from "../lib/format";
import { say } from "../text/conversation";
import { Button } from "./button";
import { Icon } from "./icon";
import type { IconName } from "./icons";
import { Segments } from "./tabs";

export type Delivery = "queued" | "sent" | "delivered" | "read" | "failed" | "unsure";

export interface Message {
  readonly id: string;
  readonly at: number;
  readonly from: "customer" | "us" | "note" | "system";
  /** Who wrote it, as it is read aloud and shown on notes. */
  readonly author: string;
  readonly text: string;
  readonly files?: readonly { readonly name: string; readonly note: string; readonly href: string }[];
  readonly delivery?: Delivery;
  readonly problem?: string;
}

interface ConversationProps {
  readonly label: string;
  readonly messages: readonly Message[];
  readonly draft: string;
  readonly to: string;
  /** What is left of the time in which the channel lets us answer freely; null where there is no such limit. */
  readonly window?: ComponentChildren;
  /** What stands in place of the field when nothing may be written: the template picker. */
  readonly instead?: ComponentChildren;
  readonly maxText?: number;
  readonly reason?: string | null;
  readonly onDraft: (text: string) => void;
  readonly onSend: (text: string, kind: "reply" | "note") => unknown;
  readonly onRetry?: (id: string) => void;
  readonly onCanned?: () => void;
  readonly onAttach?: () => void;
}

const TICK: Readonly<Record<Delivery, IconName>> = {
  queued: "clock", sent: "check", delivered: "checks", read: "checks", failed: "alert-triangle", unsure: "clock",
};
/** How many bubbles stay in the page before older ones are asked for. */
const KEPT = 120;
const NEAR_END = 80;

/** What was said, and the field to answer in. It scrolls by itself only if the end was in sight. */
export function Conversation(props: ConversationProps) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = useSignal(KEPT);
  useLayoutEffect(() => {
    const element = log.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [props.messages.length]);
  const scrolled = (): void => {
    const element = log.current;
    if (element) atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
  };
  const older = props.messages.length - shown.value;
  return (
    <>
      <div class="log" role="log" aria-label={props.label} ref={log} onScroll={scrolled} tabIndex={0}>
        {older > 0 && (
          <Button size="small" kind="quiet" onPress={() => { shown.value += KEPT; }}>{say("older", { count: older })}</Button>
        )}
        {props.messages.slice(-shown.value).map((message) => (
          <Bubble key={message.id} message={message} onRetry={props.onRetry} />
        ))}
      </div>
      <Composer {...props} />
    </>
  );
}

function Bubble({ message, onRetry }: { readonly message: Message; readonly onRetry: ConversationProps["onRetry"] }) {
  if (message.from === "system") return <p class="said system"><Icon name="lock" /> {message.text}</p>;
  const delivery = message.delivery;
  return (
    <article class={`said ${message.from}`} aria-label={`${message.author}, ${clock(message.at)}`}>
      {message.from === "note" && <b>{say("note")} · <bdi>{message.author}</bdi>: </b>}
      {message.files?.map((file) => (
        <a class="file row" href={file.href} key={file.href}>
          <Icon name="notes" />
          <span class="grow"><b class="clamp"><bdi>{file.name}</bdi></b> <span class="small muted">{file.note}</span></span>
        </a>
      ))}
      <span class="text">{message.text}</span>
      <time>
        {clock(message.at)}
        {delivery && <span class={`tick ${delivery}`}><Icon name={TICK[delivery]} /><span class="unseen">{say(delivery)}</span></span>}
      </time>
      {delivery === "failed" && (
        <p class="row small problem">
          <span class="grow">{message.problem}</span>
          <Button size="small" onPress={() => onRetry?.(message.id)}>{say("send_again")}</Button>
        </p>
      )}
    </article>
  );
}

function Composer(props: ConversationProps) {
  const kind = useSignal<"reply" | "note">("reply");
  const text = useSignal(props.draft);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    text.value = props.draft;
  }, [props.to]);
  const max = props.maxText ?? 4_000;
  const send = async (): Promise<void> => {
    const words = text.value.trim();
    if (words === "" || words.length > max || props.reason) return;
    await props.onSend(words, kind.value);
    text.value = "";
    props.onDraft("");
    field.current?.focus();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      void send();
    } else if (event.key === "/" && text.value === "" && props.onCanned) {
      event.preventDefault();
      props.onCanned();
    }
  };
  const replying = kind.value === "reply";
  const label = say(replying ? "reply_to" : "note_about", { who: props.to });
  return (
    <div class="composer">
      <div class="row">
        <Segments
          label={say("kind")}
          options={[{ id: "reply", label: say("reply") }, { id: "note", label: say("note") }]}
          chosen={kind.value}
          onChoose={(chosen) => { kind.value = chosen; }}
        />
        <span class="grow" />
        {replying && props.window && <span class="small muted row"><Icon name="clock" />{props.window}</span>}
      </div>
      {replying && props.instead ? props.instead : (
        <>
          <textarea
            class="input"
            ref={field}
            aria-label={label}
            value={text.value}
            rows={3}
            onKeyDown={key}
            onInput={(event) => {
              text.value = event.currentTarget.value;
              props.onDraft(text.value);
            }}
          />
          <div class="row">
            {props.onAttach && <Button kind="quiet" icon="paperclip" name={say("attach")} onPress={props.onAttach} />}
            {props.onCanned && <Button kind="quiet" icon="template" keys="/" onPress={props.onCanned}>{say("canned")}</Button>}
            <span class="small muted">
              {text.value.length > max ? say("too_long", { over: text.value.length - max }) : text.value !== "" ? say("draft_kept") : ""}
            </span>
            <span class="grow" />
            <Button
              kind="primary" icon="send" keys="Enter" onPress={send} name={say("send_to", { who: props.to })}
              reason={props.reason ?? (text.value.trim() === "" ? say("empty") : text.value.length > max ? say("too_long", { over: text.value.length - max }) : null)}
            >
              {say("send")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
