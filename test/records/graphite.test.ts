import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS, readUnit, seriesOfZeroes } from '../../src/records/formats/formats.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';

const OPTIONS = { prefix: 'burrow', naming: 'rainbow', format: 'graphite', source: 'host-1' } as const;
const partition: Subject = {
  kind: 'partition',
  cluster: 'prod',
  group: 'workers',
  topic: 'orders.v1',
  partition: 3,
  owner: '/10.0.0.1',
};

function linesOf(
  records: readonly Record[],
  tags: { readonly [key: string]: string } = {},
  prefix: string = OPTIONS.prefix,
): string[] {
  const encoder = createEncoder({ ...OPTIONS, tags, prefix });
  const { bytes, unitEnds } = encoder.encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records });
  return Array.from(unitEnds, (end, unit) => bytes.toString('utf8', unitEnds[unit - 1] ?? 0, end));
}

function lag(subject: Subject, value: number, kind: Record['kind'] = 'value'): Record {
  return { subject, metric: 'Lag', kind, value, timestampSeconds: 1_700_000_000 };
}

describe("given records in Graphite's plaintext protocol", () => {
  test('when they are written, then each is a path with tags, its value and the second', () => {
    const tags =
      ';source=host-1;dc=us1;env=prod;consumer=workers;topic=orders.v1;partition=3;owner=/10.0.0.1';
    expect(linesOf([lag(partition, 1520), lag(partition, 0, 'end')], { dc: 'us1' })).toEqual([
      `burrow.prod.workers.orders_v1.3.Lag${tags} 1520 1700000000\n`,
      `burrow.prod.workers.orders_v1.3.Lag${tags} 0 1700000000\n`,
    ]);
  });

  test('when a rate is written, whose name ends with the partition, then its line has no word behind it', () => {
    const subject: Subject = { kind: 'topicPartition', cluster: 'prod', topic: 'orders', partition: 3 };
    const [line = ''] = linesOf([{ ...lag(subject, 0.5), metric: 'offsetRate' }]);
    expect(line).toMatch(
      /^burrow\.prod\.topic\.orders\.(?:offsetRate\.3|3\.offsetRate);.* 0\.5 1700000000\n$/,
    );
  });

  test('when the prefix or the word of a metric has dots, then each part is a node', () => {
    const subject: Subject = { kind: 'cluster', cluster: 'prod.eu' };
    const [line = ''] = linesOf(
      [{ ...lag(subject, 3), metric: 'exception.offsetRewind' }],
      {},
      'fjord.burrow',
    );
    expect(line.split(';')[0]).toBe('fjord.burrow.prod_eu.exception.offsetRewind');
  });

  test.each([
    ['~x', '_x'],
    ['x~', 'x~'],
    ['a b\tc\u3000d', 'a_b_c_d'],
    ['a;b=c', 'a_b=c'],
    ['/10.0.0.1', '/10.0.0.1'],
    ['', ''],
  ])('when a text is %j, then its tag says %j, which carbon takes', (text, shown) => {
    expect(FORMATS.graphite.showTag('owner', text)).toBe(shown);
  });

  test('when names are made up by an enemy, then each line is one, and tags come back as they are shown', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('~x', 'a;b=c', 'a b', '../..', '*{}[]', '\n', 'grüße😀', 'a=b', '\u00a0', ' ', ''),
      fc.constantFrom('x', '漢', '💥').map((unit) => unit.repeat(300)),
    );
    fc.assert(
      fc.property(nasty, nasty, nasty, fc.nat(), (group, topic, owner, value) => {
        const subject: Subject = { ...partition, group, topic, owner };
        const lines = linesOf([lag(subject, value)]);
        expect(lines).toHaveLength(1);
        const [line = ''] = lines;
        expect(line.endsWith('\n') && line.trimEnd().split(/\s/u).length === 3).toBe(true);
        expect(Buffer.byteLength(line)).toBeLessThan(16_000);
        const [read] = readUnit(line.slice(0, -1));
        expect(read).toMatchObject({ value, timestampSeconds: 1_700_000_000, source: 'host-1' });
        for (const [key, text] of [
          ['consumer', group],
          ['topic', topic],
          ['owner', owner],
        ] as const) {
          expect(read?.tags.get(key) ?? '').toBe(FORMATS.graphite.showTag(key, text));
        }
        // carbon makes a file of each node of the path.
        expect(line.split(';')[0]).toMatch(/^(?:[-_a-zA-Z0-9]{0,249}\.)*[-_a-zA-Z0-9]{1,249}$/);
      }),
    );
  });

  test('when zeroes are looked for, then two of one series are the same but for their time', () => {
    const [zero = '', value = ''] = linesOf([lag(partition, 0, 'end'), lag(partition, 10)]);
    const later = zero.replace('1700000000', '1700000030').trimEnd();
    expect(seriesOfZeroes(zero.trimEnd())).toBe(seriesOfZeroes(later));
    expect(seriesOfZeroes(zero.trimEnd())).not.toBeNull();
    expect(seriesOfZeroes(value.trimEnd())).toBeNull();
    expect(FORMATS.graphite.seriesOfZeroes(zero)).toBe(FORMATS.graphite.seriesOfZeroes(later));
    expect(FORMATS.graphite.seriesOfZeroes(zero)).not.toBeNull();
  });
});
