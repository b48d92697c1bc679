import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import type { Record, Subject } from '../../src/records/record.ts';
import { wavefrontReadersArePossible } from '../stack/requirements.ts';
import {
  findTelegrafParser,
  findWavefrontDecoder,
  type ReadMessage,
  type ReadPoint,
  type LineReader,
} from '../stack/line-readers.ts';
import { readWavefrontLine } from './support/wavefront-reader.ts';

const NAMES = 10_000;
const LINES_PER_MESSAGE = 5;
const SOURCE = 'host "1" \\ ü';
const TAGS = { dc: 'us1', note: 'a\\b "c" é💥', long: 'l'.repeat(200) };

/** Characters that mean something to a reader, to a line or to Unicode, and pieces of what may be forged with them. */
const SPECIAL = [
  ...Array.from('"\\\'= \t\n\r#@~,;:/.-_∆Δ{}[]%&+*?'),
  ...['\\"', '\\\\', '" x="', '\\\\"', 'source=', '\u0000', '\u001b', '\u0085', '\u2028', '\u202e', '\ufeff'],
  ...['\u00a0', '\u3000', '\ud800', '\udc00', '\ufffd', 'é', 'e\u0301', '漢', '💥', '👩‍👩‍👧', 'a', 'B', '7'],
];
const piece = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...SPECIAL) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }) },
);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')) },
  // About as long as a tag may be, in characters of one unit and of two, with any end.
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('x', 'é', '漢', '💥', '\\', '"', ' '), fc.integer({ min: 100, max: 260 }), piece)
      .map(([unit, times, end]) => unit.repeat(times) + end),
  },
  { weight: 1, arbitrary: fc.tuple(piece, fc.nat(10_240)).map(([unit, times]) => unit.repeat(times)) },
);
const value = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.nat().map((tenths) => tenths / 10),
  fc.nat().map((thousandths) => thousandths / 1000),
);
const timestampSeconds = fc.integer({ min: 1_000_000_000, max: 9_999_999_999 });

const records = fc
  .tuple(name, name, name, name, fc.nat(2 ** 31 - 1), value, timestampSeconds)
  .map(([group, topic, owner, clientId, partition, number, seconds]): Record => {
    const subject: Subject = { kind: 'partition', cluster: 'prod', group, topic, partition, owner, clientId };
    return { subject, metric: 'Lag', kind: 'value', value: number, timestampSeconds: seconds };
  });

/** What the encoder says that it shows. */
function shown({ subject, value: number, timestampSeconds: timestamp }: Record, naming: string) {
  const told: [string, string | undefined][] = [
    ['source', SOURCE],
    ...Object.entries(TAGS),
    ['env', subject.cluster],
    ['consumer', subject.group],
    ['topic', subject.topic],
    ['partition', String(subject.partition)],
    ['owner', subject.owner],
    ['client_id', naming === 'gorainbow' ? '' : subject.clientId],
  ];
  const tags = told
    .map(([key, text = '']) => [key, FORMATS.wavefront.showTag(key, text)] as const)
    .filter(([, text]) => text !== '');
  return { value: number, timestamp, tags: Object.fromEntries(tags) };
}

/** Telegraf's parser ends a value at the right quote, but does not take the backslash from before the others. */
function withoutEscapes(point: ReadPoint): ReadPoint {
  const tags = Object.entries(point.tags).map(([key, text]) => [key, text.replaceAll('\\"', '"')]);
  return { ...point, tags: Object.fromEntries(tags) as ReadPoint['tags'] };
}

describe.skipIf(!wavefrontReadersArePossible())("given the readers of Wavefront's format", () => {
  let decoder: LineReader;
  let telegraf: LineReader;

  beforeAll(async () => {
    [decoder, telegraf] = await Promise.all([findWavefrontDecoder(), findTelegrafParser('wavefront')]);
  });

  describe.each(['rainbow', 'gorainbow'] as const)('with the names of %s', (naming) => {
    const format = 'wavefront';
    const encoder = createEncoder({ prefix: 'burrow', naming, format, source: SOURCE, tags: TAGS });
    const all = fc.sample(records, { numRuns: NAMES / 4, seed: 20_261_128 });
    const lines = all.map((record) =>
      encoder
        .encode({ key: 'k', cluster: 'prod', takenAtMs: 0, records: [record] })
        .bytes.toString()
        .slice(0, -1),
    );
    const messages = Array.from({ length: Math.ceil(lines.length / LINES_PER_MESSAGE) }, (_, index) =>
      lines.slice(index * LINES_PER_MESSAGE, (index + 1) * LINES_PER_MESSAGE).join('\n'),
    );
    const expected = all.map((record, index) => ({
      name: readWavefrontLine(lines[index] ?? '').name,
      ...shown(record, naming),
    }));

    /** All points, each message having been read whole. */
    function pointsOf(read: readonly ReadMessage[]): readonly ReadPoint[] {
      expect(read.filter(({ error }) => error !== undefined)).toEqual([]);
      expect(read).toHaveLength(messages.length);
      return read.flatMap(({ points }) => points);
    }

    test("when Wavefront's decoder reads 10,000 hostile names, then each is what was shown", async () => {
      expect(pointsOf(await decoder.read(messages))).toEqual(expected);
    });

    test("when Telegraf's parser reads them, then each is what was shown", async () => {
      expect(pointsOf(await telegraf.read(messages)).map(withoutEscapes)).toEqual(expected);
    });

    test('when two differ in what is shown, then neither reader takes them for one', async () => {
      const distinct = new Set(expected.map(({ tags }) => JSON.stringify(tags))).size;
      for (const reader of [decoder, telegraf]) {
        const read = pointsOf(await reader.read(messages));
        expect(new Set(read.map(({ tags }) => JSON.stringify(Object.entries(tags).sort()))).size).toBe(
          distinct,
        );
      }
    });
  });

  test('when lines are not as they must be, then the readers say so', async () => {
    // Of 254 and of 255 units together.
    const tagged = (value: string): string => `a.b 5 1700000000 source="h" key="${value}"`;
    const ofUnits = [`x${'💥'.repeat(125)}`, `xx${'💥'.repeat(125)}`];
    const [longest, longer] = await decoder.read(ofUnits.map(tagged));
    expect(longest).not.toHaveProperty('error');
    expect(longer).toMatchObject({ points: [], error: expect.stringContaining('WF-411') as string });

    const bad = 'a.b 5 1700000000 source="h" x="y\\"';
    const good = 'a.b 5 1700000000 source="h" x="y"';
    const [ofDecoder, ofTelegraf] = [await decoder.read([`${bad}\n${good}`]), await telegraf.read([bad])];
    expect(ofDecoder).toMatchObject([
      { points: [{ tags: { x: 'y' } }], error: expect.any(String) as string },
    ]);
    expect(ofTelegraf).toMatchObject([{ points: [], error: expect.any(String) as string }]);
  });
});
