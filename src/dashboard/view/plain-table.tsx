import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { formatNumber } from '../../words/numbers.ts';

/** A column of a {@link PlainTable}. The first column names the row. */
export interface Column<Row> {
  readonly heading: ComponentChildren;
  /** Aligned to the right, digits below one another. */
  readonly isNumber?: boolean;
  readonly headingClass?: string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly cellClass?: (row: Row) => string;
  /** The text that appears when the pointer is on the cell. */
  readonly title?: (row: Row) => string;
}

/** A table with all of its rows, or with the first of them and a button that shows all. */
export function PlainTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
  rowClass,
  firstRows = Infinity,
}: {
  /** For screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly rowClass?: (row: Row) => string;
  readonly firstRows?: number;
}) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? rows : rows.slice(0, firstRows);
  return (
    <>
      {/* Where it is too wide it scrolls, for the keyboard, too. */}
      <div class="table-scroller" tabIndex={0} role="group" aria-label={caption}>
        <table class="plain-table">
          <caption class="hidden">{caption}</caption>
          <thead>
            <tr>
              {columns.map(({ heading, isNumber, headingClass }, index) => (
                <th key={index} scope="col" class={classes(isNumber, headingClass)}>
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row) => (
              <tr key={keyOf(row)} class={rowClass?.(row)}>
                {columns.map((column, index) => (
                  <Cell key={index} column={column} row={row} isFirst={index === 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {shown.length < rows.length && (
        <button type="button" onClick={() => setWhole(true)}>
          Show all {formatNumber(rows.length)}
        </button>
      )}
    </>
  );
}

function Cell<Row>({
  column: { cell, isNumber, cellClass, title },
  row,
  isFirst,
}: {
  readonly column: Column<Row>;
  readonly row: Row;
  readonly isFirst: boolean;
}) {
  const attributes = { class: classes(isNumber, cellClass?.(row)), title: title?.(row) };
  return isFirst ? (
    <th scope="row" {...attributes}>
      {cell(row)}
    </th>
  ) : (
    <td {...attributes}>{cell(row)}</td>
  );
}

function classes(isNumber = false, more = ''): string | undefined {
  return [isNumber ? 'number' : '', more].filter((each) => each !== '').join(' ') || undefined;
}
