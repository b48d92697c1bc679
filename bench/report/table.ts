import type { BenchResult } from '../bench.ts';

/** Rows in columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What a person reads at the end. */
export function resultTable(results: readonly BenchResult[]): string {
  const met = (is: boolean | null): string => (is === null ? '' : is ? 'met' : 'NOT MET');
  return table([
    ['bench', 'what', 'figure', 'target', ''],
    ...results.flatMap(({ bench, findings }) =>
      findings.map(({ what, figure, target, met: is }) => [bench, what, figure, target, met(is)]),
    ),
  ]);
}
