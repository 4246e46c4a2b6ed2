import { useRef } from "preact/hooks";
import { type Column, DataTable, type Sort, sorted } from "../ui/table";
import type { ComponentChildren } from "preact";
import { steady } from "./pace";

interface SteadyProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort) => void;
  readonly selected: string | null;
  readonly onSelect: (row: Row) => void;
  /** What the person chose to see; a change of it orders anew. */
  readonly asked: string;
  readonly empty: ComponentChildren;
}

const same = (): number => 0;

/** A live table: values change in place, and rows move only while no pointer and no focus is on it. */
export function SteadyTable<Row>(props: SteadyProps<Row>) {
  const { columns, rows, rowKey, sort, asked } = props;
  const box = useRef<HTMLDivElement>(null);
  const before = useRef<{ readonly asked: string; readonly keys: readonly string[] }>({ asked: "", keys: [] });
  const question = `${asked} ${sort?.column} ${sort?.down}`;
  const wanted = sorted(rows, columns, sort).map(rowKey);
  const touched = box.current?.matches(":hover") || box.current?.contains(document.activeElement);
  const keys = steady(before.current.keys, wanted, Boolean(touched) && before.current.asked === question);
  before.current = { asked: question, keys };
  const byKey = new Map(rows.map((row) => [rowKey(row), row]));
  const ordered = keys.map((key) => byKey.get(key)).filter((row): row is Row => row !== undefined);
  // The order is made here; the table only says which column it is by.
  const shown = columns.map((column) => (column.order ? { ...column, order: same } : column));
  return (
    <div ref={box} class="steady" tabIndex={-1}>
      <DataTable
        label={props.label} columns={shown} rows={ordered} rowKey={rowKey} sort={sort} onSort={props.onSort}
        selected={props.selected} onSelect={props.onSelect} empty={props.empty}
      />
    </div>
  );
}

/** A figure that is underlined for two seconds when it has changed. */
export function Changing({ value, children }: { readonly value: unknown; readonly children: ComponentChildren }) {
  const first = useRef(value);
  const moved = useRef(false);
  if (first.current !== value) moved.current = true;
  return <span key={String(value)} class={moved.current ? "changed" : ""}>{children}</span>;
}
