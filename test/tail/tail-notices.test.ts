import { describe, expect, test } from 'vitest';
import { createTailNotices, LOOK_EVERY_MS, type TailNoticesOptions } from '../../src/tail/tail-notices.ts';

const START_MS = Date.UTC(2026, 10, 28, 14, 3, 22);

function given(options: Partial<TailNoticesOptions> = {}) {
  const silent: { broker: string; sinceMs: number }[] = [];
  const answered = new Set<string>();
  const counts = { read: 0, shown: 0, unreadable: 0 };
  const notices = createTailNotices(
    { counts: () => counts, silentBrokers: () => silent, hasAnswered: (broker) => answered.has(broker) },
    { topic: 'speed-racer', from: 'from its end on', filter: '', hint: ' Try it.', zone: 'UTC', ...options },
  );
  let nowMs = START_MS;
  /** Looks as often as it has to be, and returns what was said and when, in ms since the start. */
  function pass(forMs: number): (readonly [number, string])[] {
    const said: (readonly [number, string])[] = [];
    for (const endMs = nowMs + forMs; nowMs < endMs;) {
      nowMs += LOOK_EVERY_MS;
      const text = notices.look(nowMs);
      if (text !== '') said.push([nowMs - START_MS, text]);
    }
    return said;
  }
  return { silent, answered, counts, pass, reading: () => notices.reading(nowMs), nowMs: () => nowMs };
}

describe('given a broker that does not answer', () => {
  test('when 5 s have not passed, then it is said once which, since when and what to check, and then when it is over', () => {
    const { silent, answered, pass } = given();
    silent.push({ broker: 'kafka-1:9092', sinceMs: START_MS });
    const said = pass(60_000);
    expect(said).toHaveLength(1);
    expect(said[0]?.[0]).toBeLessThan(5000);
    expect(said[0]?.[1]).toMatch(
      /^kafka-1:9092 has not answered since 14:03:22 UTC: check .*kafka\.brokers.*kafka\.tls/,
    );
    silent.pop();
    answered.add('kafka-1:9092');
    expect(pass(5000)).toEqual([[60_500, expect.stringMatching(/^kafka-1:9092 answers again after 1.min/)]]);
  });

  test('when it is not needed any more, then nothing is said of it', () => {
    const { silent, pass } = given();
    silent.push({ broker: 'kafka-1:9092', sinceMs: START_MS });
    expect(pass(5000)).toHaveLength(1);
    silent.pop();
    expect(pass(60_000)).toEqual([]);
  });

  test('when it answers in time, then nothing is said', () => {
    const { silent, pass, nowMs } = given();
    for (let round = 0; round < 10; round += 1) {
      silent.splice(0, 1, { broker: 'kafka-1:9092', sinceMs: nowMs() });
      expect(pass(3500)).toEqual([]);
    }
  });
});

describe('given a topic of which nothing is shown', () => {
  test('when no record has come, then within 5 s of reading it says from which topic, and again each minute', () => {
    const { pass, reading } = given();
    expect(pass(30_000)).toEqual([]);
    reading();
    const said = pass(70_000);
    expect(said.map(([atMs]) => atMs)).toEqual([34_500, 94_500]);
    expect(said[0]?.[1]).toBe(
      'Nothing to show yet from topic speed-racer, read from its end on: no record has come. Try it.\n',
    );
  });

  test('when records come and none fits, then it says how many and the filter', () => {
    const { pass, reading, counts } = given({ filter: "--family lag --group 'x*'" });
    reading();
    Object.assign(counts, { read: 1234, unreadable: 2 });
    expect(pass(5000)[0]?.[1]).toBe(
      "Nothing to show yet from topic speed-racer, read from its end on: 1,234 records came, and 2 lines of no known format; none fits --family lag --group 'x*'.\n",
    );
  });

  test('when one is shown, then it is said no more', () => {
    const { pass, reading, counts } = given();
    reading();
    counts.shown = 1;
    expect(pass(120_000)).toEqual([]);
  });

  test('when a broker does not answer, then that is what is said', () => {
    const { pass, reading, silent } = given();
    reading();
    silent.push({ broker: 'kafka-1:9092', sinceMs: START_MS });
    expect(pass(30_000)).toHaveLength(1);
  });
});
