import type { ComponentChildren } from "preact";
import type { Channel } from "../lib/model";
import { CHANNEL_ICON } from "../lib/words";
import { say } from "../text/desk";
import { Icon } from "./icon";
import type { IconName } from "./icons";
import { Meter } from "./meter";
import { StateChip, Thread, type ThreadState } from "./thread";

export interface WorkItem {
  readonly id: string;
  readonly href: string;
  readonly channel: Channel;
  readonly name: string;
  readonly state: ThreadState;
  readonly stateWord: string;
  readonly stateIcon: IconName;
  /** The last line said, or where it came from. */
  readonly line: string;
  /** At most one thing that is urgent. */
  readonly urgent?: ComponentChildren;
  readonly time?: ComponentChildren;
  readonly draft?: boolean;
}

interface WorkListProps {
  readonly items: readonly WorkItem[];
  readonly parked: readonly WorkItem[];
  readonly selected: string | null;
  readonly load: number | null;
  readonly offered: number;
  readonly onSelect: (id: string) => void;
  /** The place of the offer: it keeps its height, so that nothing moves when one comes. */
  readonly slot: ComponentChildren;
}

/** What the agent has in hand, in the order in which it came. */
export function WorkList({ items, parked, selected, load, offered, onSelect, slot }: WorkListProps) {
  const settled = (load ?? 0) - offered;
  return (
    <>
      <div class="row">
        <h2>{say("my_work")}</h2>
        <span class="grow" />
        {load !== null && (
          <span class="small muted load-words" aria-hidden="true">
            {say("load_short", { load: "" })}<b>{settled}</b> {offered > 0 ? say("load_plus", { offered }) : say("load_of")}
          </span>
        )}
      </div>
      <Meter
        value={settled}
        reserved={offered}
        label={say("my_work")}
        text={offered > 0 ? say("load_offered", { load: settled, offered }) : say("load", { load: settled })}
      />
      {slot}
      <Cards items={items} selected={selected} onSelect={onSelect} />
      {parked.length > 0 && (
        <>
          <h3 class="label">{say("parked_heading")}</h3>
          <Cards items={parked} selected={selected} onSelect={onSelect} />
        </>
      )}
    </>
  );
}

type CardsProps = Pick<WorkListProps, "items" | "selected" | "onSelect">;

function Cards({ items, selected, onSelect }: CardsProps) {
  return (
    <ul class="cards">
      {items.map((item) => (
        <li key={item.id}>
          <a
            class="card"
            href={item.href}
            aria-current={item.id === selected ? "page" : undefined}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              onSelect(item.id);
            }}
          >
            <Thread state={item.state} />
            <span class="lines">
              <span class="row">
                <b class="grow clamp"><bdi>{item.name}</bdi></b>
                <StateChip state={item.state} icon={item.stateIcon}>{item.stateWord}</StateChip>
              </span>
              <span class="row small muted">
                <Icon name={CHANNEL_ICON[item.channel]} />
                <span class="grow clamp">{item.line}</span>
                {item.draft && <span class="draft">{say("draft")}</span>}
              </span>
              <span class="row small">
                <span class="grow urgent">{item.urgent}</span>
                <span class="muted">{item.time}</span>
              </span>
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}
