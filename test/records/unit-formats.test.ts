import { describe, expect, test } from 'vitest';
import type { UnitFormat } from '../../src/records/formats/format.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { createSampleEncoder } from '../../src/records/sample-encoder.ts';

const SPACE = 0x20;
const subjects: readonly Subject[] = [0, 1].map((partition) => ({
  kind: 'partition',
  cluster: 'c',
  group: 'g',
  topic: 't',
  partition,
}));
const records = subjects.flatMap((subject, index): readonly Record[] => [
  { subject, metric: 'Lag', kind: 'value', value: 1500 + index, timestampSeconds: 1_700_000_000 },
  { subject, metric: 'endOffset', kind: 'value', value: 7, timestampSeconds: 1_700_000_000 },
]);

function unitsOf(format: UnitFormat): readonly Buffer[] {
  const encoder = createSampleEncoder(format, { source: 'h', tags: {} });
  const { bytes, unitEnds, recordCount } = encoder.encode({ key: 'k', cluster: 'c', takenAtMs: 0, records });
  expect(recordCount).toBe(4);
  return Array.from(unitEnds, (end, unit) => bytes.subarray(unitEnds[unit - 1] ?? 0, end));
}

/** As OpenTSDB's telnet protocol has it. */
const timeFirst: UnitFormat = {
  unit: 'record',
  hasOwnText: () => false,
  subjectText: ({ subject }) => ({
    before: 'put burrow.',
    after: ` partition=${String(subject.partition)}\n`,
  }),
  metricText: (metric) => `${metric} `,
  begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
  value(out, { view, byteLength }, value, timestampSeconds) {
    out.text(view, 0, byteLength);
    out.number(timestampSeconds);
    out.byte(SPACE);
    out.number(value);
  },
  end: (out, { page, middle, to }) => out.text(page.view, middle, to),
};

/** As statsd has it. */
const withoutTime: UnitFormat = {
  ...timeFirst,
  subjectText: ({ subject }) => ({
    before: 'burrow.',
    after: `|g|#partition:${String(subject.partition)}\n`,
  }),
  metricText: (metric) => `${metric}:`,
  value(out, { view, byteLength }, value) {
    out.text(view, 0, byteLength);
    out.number(value);
  },
};

/** A length before each number, bytes that are newlines among them, and no end. */
const binary: UnitFormat = {
  unit: 'subjectAndTime',
  hasOwnText: () => false,
  subjectText: ({ subject }) => ({ before: String(subject.partition), after: '' }),
  metricText: () => '',
  begin: (out, { page, from, middle }) => out.text(page.view, from, middle),
  value(out, _metric, value) {
    out.byte(2);
    out.byte(value >> 8);
    out.byte(value & 0xff);
    out.byte(0x0a);
  },
  end: () => undefined,
};

describe('given formats of other shapes', () => {
  test('when the time stands before the value, then a record is written so', () => {
    expect(unitsOf(timeFirst).map(String)).toEqual([
      'put burrow.Lag 1700000000 1500 partition=0\n',
      'put burrow.endOffset 1700000000 7 partition=0\n',
      'put burrow.Lag 1700000000 1501 partition=1\n',
      'put burrow.endOffset 1700000000 7 partition=1\n',
    ]);
  });

  test('when there is no time, then none is written', () => {
    expect(unitsOf(withoutTime).map(String).slice(2)).toEqual([
      'burrow.Lag:1501|g|#partition:1\n',
      'burrow.endOffset:7|g|#partition:1\n',
    ]);
  });

  test('when units are binary, then they end where they end, whatever bytes they hold', () => {
    expect(unitsOf(binary)).toEqual([
      Buffer.from([0x30, 2, 1500 >> 8, 1500 & 0xff, 0x0a, 2, 0, 7, 0x0a]),
      Buffer.from([0x31, 2, 1501 >> 8, 1501 & 0xff, 0x0a, 2, 0, 7, 0x0a]),
    ]);
  });

  test('when units are larger than the room that is left, then they are whole all the same', () => {
    const encoder = createSampleEncoder(binary, { source: 'h', tags: {} });
    const many = Array.from({ length: 200_000 }, (_, index) => records[index % 4]).filter(
      (each) => each !== undefined,
    );
    const { bytes, unitEnds } = encoder.encode({ key: 'k', cluster: 'c', takenAtMs: 0, records: many });
    expect(unitEnds.at(-1)).toBe(bytes.length);
    expect(bytes.length).toBe(100_000 * 9);
  });
});
