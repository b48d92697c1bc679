import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { rowOf, UNITS, type Metric } from '../../src/records/metrics.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { EVERY_PAIR, subjectOf } from '../records/any-subject.ts';
import { findTelegrafParser, type LineReader } from '../stack/line-readers.ts';
import { telegrafParsersArePossible } from '../stack/requirements.ts';

const NAMES = 5_000;
const LINES_PER_MESSAGE = 5;
const SOURCE = 'host "1", \\ ü=';
const TAGS = { dc: 'us1', note: 'a\\b "c", é💥=' };
const { showTag } = FORMATS.influx;

/** Characters that mean something to a reader, to a line or to Unicode, and pieces of what may be forged with them. */
const SPECIAL = [
  ...Array.from('"\\\'= \t\n\r\f\v#,;:/.-_{}[]%&+*?'),
  ...['\\,', '\\ ', '\\=', '\\\\', '\\"', '\\n', ',x=y', ' lag=1i ', '\u0000', '\u0085', '\u2028', '\u202e'],
  ...['\u00a0', '\u3000', '\ud800', '\ufffd', 'é', 'e\u0301', '漢', '💥', 'a', 'B', '7'],
];
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.tuple(piece, fc.nat(10_240)).map(([unit, times]) => unit.repeat(times)) },
);
const value = fc.oneof(fc.nat(), fc.maxSafeNat());
const records = fc
  .tuple(name, name, name, name, fc.nat(2 ** 31 - 1), value, fc.integer({ min: 10 ** 9, max: 9 * 10 ** 9 }))
  .map(([group, topic, owner, clientId, partition, number, timestampSeconds]): readonly Record[] => {
    const subject: Subject = { kind: 'partition', cluster: 'prod', group, topic, partition, owner, clientId };
    const record = (metric: Metric, of: number): Record => ({
      ...{ subject, metric, kind: 'value', value: of, timestampSeconds },
    });
    return [record('Lag', number), record('lagSeconds', number / 10), record('hosts', number)];
  });

const encoder = createEncoder({
  ...{ prefix: 'burrow', naming: 'rainbow', format: 'influx', source: SOURCE, tags: TAGS },
});

function encode(some: readonly Record[]): string {
  const sample = encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records: some });
  expect(sample.unitEnds).toHaveLength(1);
  return sample.bytes.toString().slice(0, -1);
}

/** What a reader has to see of a record. */
function shown({ subject, metric, value: number, timestampSeconds }: Record, measurement: string) {
  const told: readonly (readonly [string, string | number | undefined])[] = [
    ['source', SOURCE],
    ...Object.entries(TAGS),
    ['cluster', subject.cluster],
    ['group', subject.group],
    ['topic', subject.topic],
    ['partition', subject.partition],
    ['owner', subject.owner],
    ['client_id', subject.clientId],
  ];
  const tags = told
    .map(([key, text = '']) => [key, showTag(key, String(text))] as const)
    .filter(([, text]) => text !== '');
  const { field, unit } = rowOf(metric);
  return {
    name: `${measurement} ${field}`,
    value: number,
    type: UNITS[unit].isWhole ? 'int64' : 'float64',
    timestamp: timestampSeconds,
    tags: Object.fromEntries(tags),
  };
}

describe.skipIf(!telegrafParsersArePossible())("given Telegraf's parser of Influx's line protocol", () => {
  let telegraf: LineReader;

  beforeAll(async () => {
    telegraf = await findTelegrafParser('influx');
  });

  test('when it reads 5,000 hostile names, then each is what was shown', async () => {
    const all = fc.sample(records, { numRuns: NAMES / 4, seed: 20_261_128 });
    const lines = all.map(encode);
    const messages = Array.from({ length: Math.ceil(lines.length / LINES_PER_MESSAGE) }, (_, index) =>
      lines.slice(index * LINES_PER_MESSAGE, (index + 1) * LINES_PER_MESSAGE).join('\n'),
    );
    const read = await telegraf.read(messages);
    expect(read.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(read.flatMap(({ points }) => points)).toEqual(
      all.flat().map((record) => shown(record, 'burrow_partition')),
    );
  });

  test('when it reads a record of every kind and metric, then it has its field, of its type', async () => {
    const all = EVERY_PAIR.filter(([, metric]) => !metric.startsWith('exception.')).map(([kind, metric]) => {
      const [subject] = fc.sample(subjectOf(kind, fc.constantFrom('a b', 'c,d=e')), { numRuns: 1, seed: 1 });
      return {
        subject: subject as Subject,
        metric,
        kind: 'value',
        value: 12,
        timestampSeconds: 1_700_000_000,
      } as const;
    });
    const read = await telegraf.read(all.map((record) => encode([record])));
    const points = read.map(({ points: [first] }) => first);
    expect(points).toEqual(
      all.map((record, index) => shown(record, points[index]?.name.split(' ')[0] ?? 'none')),
    );
    expect(new Set(points.map((point) => point?.name)).size).toBe(all.length);
  });

  test('when a line is not as it must be, then it says so', async () => {
    const [answer] = await telegraf.read(['burrow_partition,group=a\\,topic=t 1700000000000000000']);
    expect(answer).toMatchObject({ points: [], error: expect.any(String) as string });
  });
});
