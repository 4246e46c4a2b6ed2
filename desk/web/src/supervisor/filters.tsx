import { number } from "../lib/format";
import { say } from "../text/supervisor";
import { Thread, type ThreadState } from "../ui/thread";

const MARK: Readonly<Partial<Record<string, ThreadState>>> = {
  talking: "talking", held: "held", ready: "good", wrapping: "wrapping", not_ready: "away", attention: "over", waiting: "ringing",
  offered: "near", parked: "parked",
};

interface FiltersProps<T extends string> {
  readonly options: readonly { readonly id: T; readonly count: number }[];
  readonly chosen: T;
  readonly onChoose: (id: T) => void;
}

/** What to see of a table, each with how many there are. */
export function Filters<T extends "all" | "attention" | "talking" | "held" | "ready" | "wrapping" | "not_ready" | "signed_out" | "helpers" | "waiting" | "offered" | "parked">(
  { options, chosen, onChoose }: FiltersProps<T>,
) {
  return (
    <div class="filters" role="group" aria-label={say("filter")}>
      {options.map(({ id, count }) => (
        <button key={id} type="button" class="filter" aria-pressed={chosen === id} onClick={() => onChoose(id)}>
          {MARK[id] && <Thread state={MARK[id]} />}{say(id)} {number(count)}
        </button>
      ))}
    </div>
  );
}
