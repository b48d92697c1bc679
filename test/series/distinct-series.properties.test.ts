import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { isAddressable } from '../../src/burrow/request-path.ts';
import { createNameSelector } from '../../src/poll/name-selector.ts';
import { createEncoder } from '../../src/records/sample-encoder.ts';
import { FORMAT_NAMES, FORMATS, seriesOfZeroes } from '../../src/records/formats/formats.ts';
import type { SampleRecords, Span } from '../../src/records/record.ts';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { createTrafficSeries } from '../../src/series/traffic-series.ts';
import { DEPS, NONE_RECOVERED, OPTIONS, reading, sample, START_MS } from './history.ts';

const TAG_OF = { cluster: 'env', group: 'consumer', topic: 'topic' } as const;

/** Parts of names that might be taken for one another: our own words, what divides them, and what becomes `_`. */
const word = fc.constantFrom(
  ...['a', 'b', '_', '.', '..', ' ', '\n', 'é', 'ü', '=', '"', '\\', '0', '1', '\u3000'],
  ...['topic', 'hosts', 'totalLag', 'status', 'watch', 'exception', 'exceptionCount', 'maxLagCurrentLag'],
  ...['Lag', 'offset', 'offsetRate', 'burrow', 'unknown', 'totalMessage', 'x'.repeat(250)],
);
const name = fc.oneof(
  word,
  fc
    .tuple(
      word,
      fc.constantFrom('', '.', '_', ' '),
      word,
      fc.constantFrom('', '.', '.hosts.', '.topic.'),
      word,
    )
    .map((parts) => parts.join('')),
);
const names = fc.uniqueArray(name, { minLength: 1, maxLength: 5 });
const owners = fc.array(fc.constantFrom('', 'a', 'a\\', 'a_', 'a\n', 'topic', 'b'.repeat(300)), {
  minLength: 4,
  maxLength: 4,
});
/** Every format in every naming that it can have. */
const WRITTEN = FORMAT_NAMES.flatMap((format) =>
  FORMATS[format].namings.map((naming) => ({ format, naming })),
);
const world = fc.record({
  clusters: fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
  groups: names,
  topics: names,
  owners,
  written: fc.constantFrom(...WRITTEN),
  owner: fc.boolean(),
  clientId: fc.boolean(),
});
type World = typeof world extends fc.Arbitrary<infer W> ? W : never;

/** Everything that is open once each group and topic of each cluster has been polled twice. */
function openSpans({ clusters, groups, topics, owners: ownedBy, written, owner, clientId }: World) {
  const { format, naming } = written;
  const { showTag } = FORMATS[format];
  const isGoRainbow = naming === 'gorainbow';
  const select = (what: keyof typeof TAG_OF, listed: readonly string[]): readonly string[] =>
    createNameSelector(
      {
        filter: { allow: /^/, deny: null },
        isAddressable,
        showTag,
        count: () => undefined,
        log: pino({ level: 'silent' }),
      },
      { what, plural: `${what}s`, tag: TAG_OF[what], filterKey: null, cluster: '' },
    ).select(listed);
  const book = createSeriesBook(
    { ...DEPS, showTag },
    {
      ...OPTIONS,
      seriesTags: { owner, clientId: clientId && !isGoRainbow },
      maxLagTag: isGoRainbow ? 'owner' : 'topic',
      sharesHosts: isGoRainbow,
    },
  );
  const latest = new Map<string, SampleRecords>();
  const keep = (id: string, records: SampleRecords | null): void => {
    if (records?.spans !== undefined) latest.set(id, records);
  };
  for (const cluster of select('cluster', clusters)) {
    const traffic = createTrafficSeries(cluster, { intervalMs: 60_000, confirmZero: 1 }, NONE_RECOVERED);
    for (const poll of [1, 2]) {
      const takenAtMs = START_MS + poll * 30_000;
      const exceptions = new Map([['totalMismatch', 1]]);
      const counts = { totalMessage: 1, validMessage: 1, metricsSent: 1, exceptions };
      keep(`traffic ${cluster}`, traffic.take({ takenAtMs, ...counts }));
      for (const group of select('group', groups)) {
        const partitions = topics.flatMap((topic, at) =>
          [0, 1].map((partition) =>
            reading({
              ...{ topic, partition, currentLagRecords: 5, endOffset: poll * 100 },
              ...{ owner: ownedBy[(at + partition) % 4]!, clientId: ownedBy[(at + partition + 1) % 4]! },
            }),
          ),
        );
        keep(
          JSON.stringify([cluster, group]),
          book.group(cluster, group).take(sample(takenAtMs, partitions)),
        );
      }
      for (const topic of select('topic', topics)) {
        const offsets = [poll * 100, poll * 200];
        keep(
          JSON.stringify([cluster, 'topic', topic]),
          book.topic(cluster, topic).take({ takenAtMs, offsets }),
        );
      }
    }
  }
  return [...latest.values()].flatMap(({ spans }): readonly Span[] => spans?.open() ?? []);
}

/** Name and tags, as a reader of the line has them: the line of a 0 without its time. */
function textOf(line: string): string {
  return seriesOfZeroes(line) ?? line;
}

const TWO_BLANK_CLUSTERS: World = {
  clusters: [' ', '\u3000'],
  groups: ['aaa'],
  topics: ['aaa'],
  owners: ['', '', '', ''],
  written: { format: 'json', naming: 'gorainbow' },
  owner: false,
  clientId: false,
};

/** Alike where a format shows a dot as `_`. */
const DOT_AND_UNDERSCORE = {
  clusters: ['aaa'],
  groups: ['a.b', 'a_b'],
  topics: ['t.u', 't_u'],
  owners: ['', '', '', ''],
  owner: false,
  clientId: false,
};

describe('given clusters, groups and topics of any names', () => {
  test('when all of them have series at once, then no two share name and tags', () => {
    fc.assert(
      fc.property(world, (chosen) => {
        const spans = openSpans(chosen);
        const encoder = createEncoder({ ...chosen.written, prefix: 'burrow', source: 'h', tags: {} });
        // Each for itself, since formats may write several in one line.
        const lines = spans.map((span) => {
          const record = { ...span, kind: 'end', value: 0, timestampSeconds: START_MS / 1000 } as const;
          return encoder.encode({ key: '', cluster: '', takenAtMs: 0, records: [record] }).bytes.toString();
        });
        const twice = new Map<string, number>();
        for (const line of lines) twice.set(textOf(line), (twice.get(textOf(line)) ?? 0) + 1);
        expect([...twice].filter(([, times]) => times > 1)).toEqual([]);
        expect(lines.filter((line) => line.indexOf('\n') !== line.length - 1)).toEqual([]);
      }),
      {
        numRuns: 300,
        examples: [
          [TWO_BLANK_CLUSTERS],
          ...WRITTEN.map((written): [World] => [{ ...DOT_AND_UNDERSCORE, written }]),
        ],
      },
    );
  });
});
