import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: Row) => ComponentChildren;
  /** Compares two rows; without it the column cannot be sorted by. */
  readonly order?: (a: Row, b: Row) => number;
  readonly number?: boolean;
  /** Names the row: read before each of its cells. */
  readonly heading?: boolean;
}

export interface Sort {
  readonly column: string;
  readonly down: boolean;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort?: Sort | null;
  readonly onSort?: (sort: Sort) => void;
  readonly selected?: string | null;
  readonly onSelect?: (row: Row) => void;
  readonly empty?: ComponentChildren;
}

/** Rows in the order that was asked for, and in no other: nothing moves under the pointer by itself. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sort: Sort | null): readonly Row[] {
  const order = columns.find((column) => column.id === sort?.column)?.order;
  return order && sort ? [...rows].sort((a, b) => (sort.down ? order(b, a) : order(a, b))) : rows;
}

export function DataTable<Row>(props: TableProps<Row>) {
  const { label, columns, rows, rowKey, sort = null, onSort, selected, onSelect } = props;
  return (
    <table class="table" aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => {
            const by = sort?.column === column.id ? sort : null;
            return (
              <th
                key={column.id}
                scope="col"
                class={column.number ? "number" : ""}
                aria-sort={by ? (by.down ? "descending" : "ascending") : undefined}
              >
                {column.order && onSort ? (
                  <button type="button" onClick={() => onSort({ column: column.id, down: by ? !by.down : true })}>
                    {column.label} {by && <Icon name="chevron-down" />}
                  </button>
                ) : (
                  column.label
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {sorted(rows, columns, sort).map((row) => (
          <tr key={rowKey(row)} aria-selected={selected === rowKey(row) || undefined} onClick={() => onSelect?.(row)}>
            {columns.map((column) =>
              column.heading ? (
                <th key={column.id} scope="row">{column.cell(row)}</th>
              ) : (
                <td key={column.id} class={column.number ? "number" : ""}>{column.cell(row)}</td>
              ),
            )}
          </tr>
        ))}
        {rows.length === 0 && props.empty && (
          <tr><td colSpan={columns.length} class="muted">{props.empty}</td></tr>
        )}
      </tbody>
    </table>
  );
}
