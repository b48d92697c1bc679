import { describe, expect, test } from 'vitest';
import { createSeriesBook } from '../../src/series/create-series-book.ts';
import { DEPS, OPTIONS, reading, sample, START_MS } from './history.ts';

const START = START_MS / 1000;
const LAGGING = [reading({ currentLagRecords: 5 })];

/** A book with one lagging group and one topic, and what the group says is open. */
function given() {
  const book = createSeriesBook(DEPS, OPTIONS);
  const group = book.group('prod', 'workers');
  const open = group.take(sample(START_MS, LAGGING))?.spans?.open() ?? [];
  const topic = book.topic('prod', 'orders');
  topic.take({ takenAtMs: START_MS, offsets: [100] });
  topic.take({ takenAtMs: START_MS + 30_000, offsets: [160] });
  return { book, group, topic, open };
}

describe('given a group and a topic with open spans', () => {
  test('when they are released, then the book holds nothing of them', () => {
    const { book, group, topic } = given();
    book.inspect('prod', 'workers', START_MS);
    group.release();
    topic.release();
    expect([...book.levels()]).toEqual([]);
    expect([...book.topicLevels()]).toEqual([]);
    expect(book.inspect('prod', 'workers', START_MS)).toBeNull();
    expect(book.countStates().counts.every((count) => count === 0)).toBe(true);
  });

  test('when a topic is released, then what was known of its offsets tells no age of a lag', () => {
    const { book, group, topic } = given();
    const unknown = { startTimestampMs: null, endTimestampMs: null };
    const values = (atMs: number, currentLagRecords: number) =>
      group
        .take(sample(START_MS + atMs, [reading({ currentLagRecords, endOffset: 130, ...unknown })]))
        ?.records.filter(({ subject, kind }) => subject.kind === 'partition' && kind === 'value')
        .map(({ metric }) => metric);
    expect(values(30_000, 50)).toContain('lagSeconds');
    topic.release();
    expect(values(60_000, 51)).toEqual(['Lag', 'startOffset', 'endOffset']);
    expect(book.topic('prod', 'orders')).not.toBe(topic);
  });

  test('when another process resumes what was open, then the spans go on, and end with their only zero-end', () => {
    const { group, open } = given();
    group.release();
    const other = createSeriesBook(DEPS, OPTIONS);
    other.resume(
      open.map((span) => ({ ...span, isDoubtful: false })),
      START + 20,
    );
    const heir = other.group('prod', 'workers');
    const taken = heir.take(sample(START_MS + 30_000, [reading({ currentLagRecords: 7 })]))?.records ?? [];
    expect(new Set(taken.map(({ kind }) => kind))).toEqual(new Set(['value']));
    const ended = heir.gone(START_MS + 60_000)?.records ?? [];
    expect(ended).toHaveLength(open.length);
    expect(ended.every(({ kind, value }) => kind === 'end' && value === 0)).toBe(true);
  });

  test('when the same process gets it back, then a new series begins later than every record before', () => {
    const { book, group } = given();
    group.release();
    const again = book.group('prod', 'workers');
    expect(again).not.toBe(group);
    expect(again.take(sample(START_MS, LAGGING))).toBeNull();
    const records = again.take(sample(START_MS + 5000, LAGGING))?.records ?? [];
    expect(Math.min(...records.map(({ timestampSeconds }) => timestampSeconds))).toBe(START + 1);
  });

  test('when a group that was gone is sampled again through the same series, then the book holds that again', () => {
    const { book, group } = given();
    group.gone(START_MS + 30_000);
    expect([...book.levels()]).toEqual([]);
    group.take(sample(START_MS + 60_000, LAGGING));
    expect([...book.levels()]).toHaveLength(1);
    expect(book.group('prod', 'workers')).toBe(group);
  });
});
