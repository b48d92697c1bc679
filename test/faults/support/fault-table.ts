import type { Reporter, TestModule } from 'vitest/node';
import type { FaultRow } from './fault-row.ts';

const HEADINGS = [
  'fault',
  'taken',
  'delivered',
  'dropped',
  'duplicates',
  'dangling',
  'result',
  'note',
] as const;
const RIGHT = new Set([1, 2, 3, 4, 5]);

/** Prints what every case of the fault suite came to, as one table at the end of the run; nothing where none ran. */
export default class FaultTable implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.flatMap(({ children }) =>
      [...children.allTests()].flatMap((test) => {
        const { faultRow } = test.meta();
        return faultRow === undefined ? [] : [toCells(faultRow, test.result().state)];
      }),
    );
    if (rows.length > 0) process.stdout.write(`\n Faults: samples, records and spans\n\n${layOut(rows)}\n`);
  }
}

function toCells(row: FaultRow, result: string): readonly string[] {
  const counts = [
    row.samplesTaken,
    row.samplesDelivered,
    row.samplesDropped,
    row.duplicates,
    row.danglingSpans,
  ];
  return [row.fault, ...counts.map((count) => (count === null ? '–' : String(count))), result, row.note];
}

function layOut(rows: readonly (readonly string[])[]): string {
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    ` ${cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd()}\n`;
  return [HEADINGS, widths.map((width) => '─'.repeat(width)), ...rows].map(line).join('');
}
