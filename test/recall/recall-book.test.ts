import { describe, expect, test } from 'vitest';
import { createRecallBook } from '../../src/recall/recall-book.ts';
import { START_MS } from '../series/history.ts';
import { createWriter, type WritingOptions } from './written-messages.ts';

const CLUSTER = 'prod é "1"';
const GROUP = 'pay/ments status totalLag';

function given({
  mostGroups = 10,
  mostSamples = 1000,
  ...writing
}: WritingOptions & Partial<Record<'mostGroups' | 'mostSamples', number>> = {}) {
  const writer = createWriter(writing);
  const book = createRecallBook({ source: 'here', mostGroups, mostSamples });
  const known = (group = GROUP, sinceSecond = -3600) =>
    book
      .takeOut(CLUSTER, group, START_MS + sinceSecond * 1000)
      .map(({ atMs, totalLagRecords, status }) => [(atMs - START_MS) / 1000, totalLagRecords, status]);
  return { writer, book, known };
}

/** A life of a group, by the seconds of its samples. */
function live({ writer, book }: ReturnType<typeof given>, group = GROUP): void {
  book.take(writer.sampled(CLUSTER, group, 0, 0));
  book.take(writer.sampled(CLUSTER, group, 30, 7));
  book.take(writer.sampled(CLUSTER, group, 60, 7));
  book.take(writer.sampled(CLUSTER, group, 90, 7, 3));
  book.take(writer.sampled(CLUSTER, group, 120, 0, 3));
  book.take(writer.gone(CLUSTER, group, 150));
}

const LIFE = [
  [-30, 0, 0],
  [0, 0, 1],
  [30, 7, NaN],
  // What has not changed is sent at every second sample.
  [60, NaN, 1],
  [90, 7, 3],
  [120, 0, NaN],
  [150, 0, 0],
];

describe.each([
  { format: 'wavefront', naming: 'rainbow' },
  { format: 'wavefront', naming: 'gorainbow' },
  { format: 'json', naming: 'rainbow' },
  { format: 'json', naming: 'gorainbow', linesPerMessage: 1 },
  { format: 'influx', naming: 'rainbow' },
  { format: 'influx', naming: 'rainbow', linesPerMessage: 1 },
  { format: 'graphite', naming: 'rainbow' },
] as const)('given messages in $format with the naming $naming', (writing) => {
  test('when they are read, then each sample of a group is known, and its bounds are no samples', () => {
    const all = given(writing);
    live(all);
    expect(all.known()).toEqual(LIFE);
    expect(all.book.figures).toMatchObject({ groups: 1, foreignRecords: 0, unreadableLines: 0 });
  });
});

describe('given messages of a topic', () => {
  test('when stretches of it come the newest first, then what is known comes in order', () => {
    const { writer, book, known } = given({ linesPerMessage: 1 });
    const older = writer.sampled(CLUSTER, GROUP, 0, 1);
    const newer = writer.sampled(CLUSTER, GROUP, 30, 2, 3);
    // An attempt that failed between two messages.
    book.take(newer.slice(0, 1));
    book.take(older);
    book.take(newer);
    expect(known()).toEqual([
      [-30, 0, 0],
      [0, 1, 1],
      [30, 2, 3],
    ]);
  });

  test('when it is asked since a moment, then what is older is left out, and all is forgotten', () => {
    const all = given();
    live(all);
    expect(all.known(GROUP, 90)).toEqual(LIFE.slice(4));
    expect(all.known()).toEqual([]);
  });

  test('when another sidecar has written some, then these are counted and not taken', () => {
    const { book, known } = given();
    book.take(createWriter({ source: 'elsewhere' }).sampled(CLUSTER, GROUP, 0, 1));
    expect(known()).toEqual([]);
    expect(book.figures).toMatchObject({ groups: 0, records: 0, foreignRecords: 4 });
  });

  test('when one has the key of a group and the tags of another, then it is of neither', () => {
    const { writer, book, known } = given();
    const [written] = writer.sampled(CLUSTER, 'other', 0, 1);
    book.take([{ key: Buffer.from(`${CLUSTER}/${GROUP}`), value: written?.value ?? null }]);
    expect([...known(), ...known('other')]).toEqual([]);
  });

  test('when a name is so long that records shorten it, then its group is known all the same', () => {
    const long = 'g'.repeat(300);
    const all = given();
    live(all, long);
    live(all, `${long}h`);
    expect(all.known(long)).toEqual(LIFE);
    expect(all.known(`${long}h`)).toEqual(LIFE);
  });

  test('when cluster and group make the same key as others, then their tags tell them apart', () => {
    const { writer, book } = given();
    book.take(writer.sampled('a', 'b/c', 0, 1));
    book.take(writer.sampled('a/b', 'c', 0, 2));
    expect(book.takeOut('a', 'b/c', 0).at(-1)).toMatchObject({ totalLagRecords: 1 });
    expect(book.takeOut('a/b', 'c', 0).at(-1)).toMatchObject({ totalLagRecords: 2 });
  });

  test('when something else is in it, then that is passed over and lines that look alike are counted', () => {
    const all = given();
    const key = Buffer.from(`${CLUSTER}/${GROUP}`);
    all.book.take([
      { key: null, value: Buffer.from('burrow.totalLag 1 1700000000 source="here"') },
      { key, value: null },
      { key, value: Buffer.from([0xff, 0x00, 0xfe]) },
      { key, value: Buffer.from('totalLag\n{"status":\n\n') },
      { key, value: Buffer.from('burrow.c.g.totalLag -5 1700000000 source="here" env="c" consumer="g"') },
    ]);
    live(all);
    expect(all.known()).toEqual(LIFE);
    expect(all.book.figures).toMatchObject({ groups: 1, unreadableLines: 2 });
  });

  test('when there are more groups than it may hold, then the others are passed over', () => {
    const all = given({ mostGroups: 1 });
    live(all);
    live(all, 'other');
    expect(all.known('other')).toEqual([]);
    expect(all.known()).toEqual(LIFE);
  });

  test('when it holds as many samples as it may, then it says so', () => {
    const all = given({ mostSamples: 3 });
    all.book.take(all.writer.sampled(CLUSTER, GROUP, 0, 1));
    expect(all.book.isFull).toBe(false);
    all.book.take(all.writer.sampled(CLUSTER, GROUP, 30, 2));
    expect(all.book.isFull).toBe(true);
  });
});
