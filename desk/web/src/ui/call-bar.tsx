import { useRef } from "preact/hooks";
import { say } from "../text/desk";
import { Button } from "./button";

interface CallBarProps {
  readonly muted: boolean;
  readonly held: boolean;
  /** Shown beside their buttons. */
  readonly keys: Readonly<Partial<Record<"mute" | "hold" | "keypad" | "transfer" | "machine", string>>>;
  /** Why the server cannot be asked now. What only this browser does (mute, end) works on. */
  readonly offline: string | null;
  /** Consulting: transfer and hold are on the bar of the consultation then. */
  readonly consulting: boolean;
  readonly onMute: () => unknown;
  readonly onHold: () => unknown;
  readonly onKeypad: () => unknown;
  readonly onTransfer: () => unknown;
  readonly onDevices: () => unknown;
  /** There only in a call that we made: a machine has answered it. */
  readonly onMachine?: () => unknown;
  readonly onHangUp: () => unknown;
}

/** The telephone's controls: one stop for Tab, arrows move within. */
export function CallBar(props: CallBarProps) {
  const { muted, held, keys, offline, consulting } = props;
  const bar = useRef<HTMLDivElement>(null);
  const key = (event: KeyboardEvent): void => {
    const buttons = [...(bar.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + buttons.length, Home: 0, End: buttons.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    const next = buttons[to % buttons.length];
    for (const button of buttons) button.tabIndex = button === next ? 0 : -1;
    next?.focus();
    event.preventDefault();
  };
  return (
    <div class="call-bar" role="toolbar" aria-label={say("call_controls")} ref={bar} onKeyDown={key}>
      <Button size="tall" icon={muted ? "microphone-off" : "microphone"} pressed={muted} keys={keys.mute} onPress={props.onMute}>
        {say(muted ? "unmute" : "mute")}
      </Button>
      <Button
        size="tall"
        tabIndex={-1}
        icon="phone-pause"
        pressed={held}
        keys={keys.hold}
        reason={consulting ? say("state_consulting") : offline}
        onPress={props.onHold}
      >
        {say(held ? "resume" : "hold")}
      </Button>
      <Button size="tall" tabIndex={-1} icon="dialpad" popup="dialog" keys={keys.keypad} reason={offline} onPress={props.onKeypad}>
        {say("keypad")}
      </Button>
      {!consulting && (
        <Button
          size="tall" tabIndex={-1} icon="arrow-forward-up" popup="dialog" keys={keys.transfer} reason={offline}
          onPress={props.onTransfer}
        >
          {say("transfer")}
        </Button>
      )}
      <Button size="tall" tabIndex={-1} icon="headphones" popup="dialog" name={say("devices")} onPress={props.onDevices} />
      <span class="grow" />
      {props.onMachine && (
        <Button size="tall" tabIndex={-1} icon="record-mail" popup="dialog" keys={keys.machine} reason={offline} onPress={props.onMachine}>
          {say("machine")}
        </Button>
      )}
      <Button size="tall" tabIndex={-1} kind="end" icon="phone-off" popup="dialog" onPress={props.onHangUp}>
        {say("hang_up")}
      </Button>
    </div>
  );
}
