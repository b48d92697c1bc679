import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEntryWriter, type Identity } from '../../src/ledger/ledger-entry.ts';
import {
  writeBeatKey,
  writeEndedKey,
  writeEntryKey,
  writeMarkKey,
  writeWriterKey,
} from '../../src/ledger/ledger-key.ts';
import { FORGOTTEN_MS, writeClaim, writeSign } from '../../src/ledger/life-signs.ts';
import { createSourceWatch } from '../../src/ledger/source-watch.ts';
import { abortable } from '../../src/platform/abortable.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { createMemoryLedger } from './memory-ledger.ts';

const identity: Identity = { prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: ['owner'] };
const BEAT_MS = 1000;
const OTHER = writeBeatKey('other');
const spans = '[["group","totalLag",[]]]';
const OWN_KEY = writeEntryKey({ source: 'self', about: 'group', cluster: 'prod', name: 'workers' });
const SELF_ENDED = writeEndedKey('self');
const forever = new AbortController().signal;

const OTHER_KEY = writeEntryKey({ source: 'other', about: 'group', cluster: 'prod', name: 'workers' });
const entryOfOther = createEntryWriter(identity).settled({ open: spans, doubted: null }) ?? '';

/** A ledger in which another source has an open span, watched by a sidecar that shares it. */
async function watch({ isShared = true, isAlone = false } = {}) {
  const ledger = createMemoryLedger(new Map(isAlone ? [] : [[OTHER_KEY, entryOfOther]]));
  ledger.isShared = isShared;
  const time = createManualTime();
  const ended: string[] = [];
  const endedAt: number[] = [];
  const lost: [timestampSeconds: number, isOpen: boolean][] = [];
  let entered = 0;
  const sourceWatch = createSourceWatch(
    {
      ledger,
      end(left, timestampSeconds) {
        ended.push(...left.map(({ owner }) => `${owner.source} ${owner.name}`));
        endedAt.push(timestampSeconds);
      },
      onEnded: (timestampSeconds, isOpen) => lost.push([timestampSeconds, isOpen(OWN_KEY)]),
      enterAgain: () => (entered += 1),
      clock: time,
      scheduler: time,
      log: pino({ level: 'silent' }),
    },
    { source: 'self', identity, beatMs: BEAT_MS },
  );
  onTestFinished(() => sourceWatch.stop());
  sourceWatch.start(await ledger.read(new AbortController().signal, () => undefined));
  await time.advance(0);
  return { ledger, time, ended, endedAt, lost, entered: () => entered, sourceWatch };
}

describe('given a ledger in which another source has open spans', () => {
  test('when it gives no sign of life any more, then its spans are ended, once', async () => {
    const { ledger, time, ended } = await watch();
    await time.advance(2 * BEAT_MS);
    expect(ended).toEqual([]);
    await time.advance(BEAT_MS);
    expect(ended).toEqual(['other workers']);
    ledger.entries.delete(
      writeEntryKey({ source: 'other', about: 'group', cluster: 'prod', name: 'workers' }),
    );
    await time.advance(100 * BEAT_MS);
    expect(ended).toEqual(['other workers']);
  });

  test('when it lives, then nothing is ended until it has died', async () => {
    const { ledger, time, ended } = await watch();
    for (let beat = 0; beat < 100; beat += 1) {
      ledger.entries.set(OTHER, String(beat));
      await time.advance(BEAT_MS);
    }
    expect(ended).toEqual([]);
    await time.advance(100 * BEAT_MS);
    expect(ended).toEqual(['other workers']);
  });

  test('when nobody could write for long, then it is not taken for dead', async () => {
    const { ledger, time, ended } = await watch();
    ledger.isRefusing = true;
    await time.advance(1000 * BEAT_MS);
    ledger.isRefusing = false;
    await time.advance(2 * BEAT_MS);
    ledger.entries.set(OTHER, 'back');
    await time.advance(2 * BEAT_MS);
    expect(ended).toEqual([]);
  });
});

describe('given a source that has died', () => {
  test('when its spans are ended, then with a stamp of its own clock, later than all that it can have sent', async () => {
    const { ledger, time, endedAt } = await watch();
    ledger.entries.set(OTHER, writeSign({ processId: 'p', beat: 7, atSeconds: 5000 }));
    await time.advance(20 * BEAT_MS);
    // Two beats of a second, in which it may have sent records, and a zero-end that is a second later.
    expect(endedAt).toEqual([5004]);
  });

  test('when it gives a sign before the claim to its spans is there, then they are left to it', async () => {
    const { ledger, time, ended } = await watch();
    const write = ledger.write.bind(ledger);
    ledger.write = (changes, signal) => {
      if (changes.has(writeEndedKey('other'))) ledger.entries.set(OTHER, 'alive');
      return write(changes, signal);
    };
    await time.advance(3 * BEAT_MS);
    expect(ended).toEqual([]);
    expect(ledger.entries.has(writeEndedKey('other'))).toBe(false);
    ledger.write = write;
    await time.advance(20 * BEAT_MS);
    expect(ended).toEqual(['other workers']);
  });

  test('when the claim to its spans cannot be written, then they are not ended', async () => {
    const { ledger, time, ended } = await watch();
    const write = ledger.write.bind(ledger);
    ledger.write = (changes, signal) =>
      changes.has(writeEndedKey('other')) ? Promise.resolve() : write(changes, signal);
    await time.advance(20 * BEAT_MS);
    expect(ended).toEqual([]);
  });

  test('when a third one has claimed its spans, then they are its task, unless that dies, too', async () => {
    const { ledger, time, ended } = await watch();
    ledger.entries.set(writeEndedKey('other'), writeClaim({ by: 'third', source: 'third', atSeconds: 1 }));
    await time.advance(4 * BEAT_MS);
    expect(ended).toEqual([]);
    await time.advance(3 * BEAT_MS);
    expect(ended).toEqual(['other workers']);
  });

  test('when it appears and dies after the start, then it is found out all the same', async () => {
    const { ledger, time, ended } = await watch({ isAlone: true });
    await time.advance(10 * BEAT_MS);
    ledger.entries.set(OTHER_KEY, entryOfOther);
    await time.advance(40 * BEAT_MS);
    expect(ended).toEqual(['other workers']);
  });
});

describe('given what the ledger holds of a source that has no open spans', () => {
  const DAY_SECONDS = 86_400;
  const longAgoSeconds = -FORGOTTEN_MS / 1000 - 10;
  const keysOf = [writeBeatKey, writeEndedKey, writeMarkKey, writeWriterKey].map((write) => write('other'));

  /** With a sign of so long ago; null: with none. */
  async function leaveBehind(signAfterSeconds: number | null) {
    const watched = await watch({ isAlone: true });
    watched.time.setClock(2 * FORGOTTEN_MS);
    for (const key of keysOf) watched.ledger.entries.set(key, 'x');
    const atSeconds = Math.floor(watched.time.nowMs() / 1000) + (signAfterSeconds ?? 0);
    if (signAfterSeconds !== null)
      watched.ledger.entries.set(OTHER, writeSign({ processId: 'p', beat: 7, atSeconds }));
    const held = (): number => keysOf.filter((key) => watched.ledger.entries.has(key)).length;
    return { ...watched, held };
  }

  test('when its last sign is very old and stands still, then all of it is removed', async () => {
    const { time, held } = await leaveBehind(longAgoSeconds);
    await time.advance(25 * BEAT_MS);
    expect(held()).toBe(4);
    await time.advance(25 * BEAT_MS);
    expect(held()).toBe(0);
  });

  test('when its last sign is a day old, then it stays', async () => {
    const { time, held } = await leaveBehind(-DAY_SECONDS);
    await time.advance(100 * BEAT_MS);
    expect(held()).toBe(4);
  });

  test('when its clock is far behind, but it gives signs, then it stays', async () => {
    const { ledger, time, held } = await leaveBehind(longAgoSeconds);
    for (let beat = 0; beat < 100; beat += 1) {
      ledger.entries.set(OTHER, writeSign({ processId: 'p', beat, atSeconds: 1 }));
      await time.advance(BEAT_MS);
    }
    expect(held()).toBe(4);
  });

  test('when it has open spans, then it stays', async () => {
    const { ledger, time, held } = await leaveBehind(longAgoSeconds);
    ledger.entries.set(OTHER_KEY, entryOfOther);
    await time.advance(100 * BEAT_MS);
    expect(held()).toBe(4);
  });

  test('when it has no sign that tells its time, then it stays for as long after it was seen', async () => {
    const { time, held } = await leaveBehind(null);
    await time.advance(50 * BEAT_MS);
    expect(held()).toBe(4);
    time.setClock(time.nowMs() + FORGOTTEN_MS);
    await time.advance(50 * BEAT_MS);
    expect(held()).toBe(0);
  });

  test('when it is our own, then it stays', async () => {
    const { ledger, time } = await watch({ isAlone: true });
    ledger.entries.set(writeMarkKey('self'), 'x');
    await time.advance(50 * BEAT_MS);
    time.setClock(time.nowMs() + FORGOTTEN_MS);
    await time.advance(50 * BEAT_MS);
    expect(ledger.entries.has(writeMarkKey('self'))).toBe(true);
  });
});

describe('given a sidecar that stood still for long', () => {
  const claim = writeClaim({ by: 'another process', source: 'other', atSeconds: 1010 });

  test('when nobody has ended its series, then it has all of them entered again, and goes on', async () => {
    const { time, lost, entered, sourceWatch } = await watch();
    time.setClock(100 * BEAT_MS);
    await sourceWatch.confirm(forever);
    expect({ lost, entered: entered() }).toEqual({ lost: [], entered: 1 });
    await sourceWatch.confirm(forever);
    expect(entered()).toBe(1);
  });

  test('when another has ended its series, then it hears when, before anything is sent', async () => {
    const { ledger, time, lost, sourceWatch } = await watch();
    ledger.entries.set(SELF_ENDED, claim);
    time.setClock(100 * BEAT_MS);
    await sourceWatch.confirm(forever);
    expect(lost).toEqual([[1010, false]]);
    expect(ledger.entries.has(SELF_ENDED)).toBe(false);
  });

  test('when that was so long that a claim may have been removed, then what the ledger lacks was ended', async () => {
    const { time, lost, sourceWatch } = await watch();
    const signedAtSeconds = Math.floor(time.nowMs() / 1000);
    time.setClock(time.nowMs() + FORGOTTEN_MS);
    await sourceWatch.confirm(forever);
    expect(lost).toEqual([[signedAtSeconds + 4, false]]);
  });

  test('when another is about to end its series, then it waits for that', async () => {
    const { ledger, time, lost, sourceWatch } = await watch();
    ledger.entries.set(SELF_ENDED, claim);
    ledger.entries.set(OWN_KEY, entryOfOther);
    time.setClock(100 * BEAT_MS);
    const confirmed = sourceWatch.confirm(forever);
    await time.advance(3000);
    expect(lost).toEqual([]);
    ledger.entries.delete(OWN_KEY);
    await time.advance(2000);
    await confirmed;
    expect(lost).toEqual([[1010, false]]);
  });

  test('when the other never does, then what is open goes on', async () => {
    const { ledger, time, lost } = await watch();
    ledger.entries.set(SELF_ENDED, claim);
    ledger.entries.set(OWN_KEY, entryOfOther);
    time.setClock(100 * BEAT_MS);
    await time.advance(60_000);
    expect(lost).toEqual([[1010, true]]);
  });

  test('when it goes on, then it is unsure until it knows, however its first sample comes in time', async () => {
    const { time, sourceWatch } = await watch();
    expect(sourceWatch.isUnsure()).toBe(false);
    time.setClock(100 * BEAT_MS);
    expect(sourceWatch.isUnsure()).toBe(true);
    await sourceWatch.confirm(forever);
    expect(sourceWatch.isUnsure()).toBe(false);
  });

  test('when only its signs do not get through, then it goes on taking samples', async () => {
    const { ledger, time, sourceWatch } = await watch();
    ledger.beat = (_key, _value, signal) => abortable(new Promise(() => undefined), signal);
    await time.advance(100 * BEAT_MS);
    expect(sourceWatch.isUnsure()).toBe(false);
  });

  test('when the ledger does not answer, then it goes on all the same', async () => {
    const { ledger, time, sourceWatch } = await watch();
    ledger.beat = (_key, _value, signal) => abortable(new Promise(() => undefined), signal);
    time.setClock(100 * BEAT_MS);
    expect(sourceWatch.isUnsure()).toBe(true);
    await time.advance(60_000);
    expect(sourceWatch.isUnsure()).toBe(false);
  });

  test('when the ledger fails at that moment, then it waits all the same until it knows', async () => {
    const { ledger, time, lost, sourceWatch } = await watch();
    ledger.entries.set(SELF_ENDED, claim);
    const condition = ledger.condition.bind(ledger);
    ledger.condition = () => ({ state: 'faulty', reason: 'its connections were lost', sinceMs: 0 });
    time.setClock(100 * BEAT_MS);
    expect(sourceWatch.isUnsure()).toBe(true);
    await sourceWatch.confirm(forever);
    expect(lost).toEqual([[1010, false]]);
    ledger.condition = condition;
  });

  test('when it only cannot reach the ledger, then nothing waits for that', async () => {
    const { ledger, time, sourceWatch } = await watch();
    ledger.beat = (_key, _value, signal) => abortable(new Promise(() => undefined), signal);
    ledger.condition = () => ({ state: 'faulty', reason: 'away', sinceMs: 0 });
    await time.advance(100 * BEAT_MS);
    await expect(sourceWatch.confirm(forever)).resolves.toBeUndefined();
  });

  test('when its signs have got through all the time, then nothing is asked', async () => {
    const { time, entered, sourceWatch } = await watch();
    for (let beat = 0; beat < 20; beat += 1) {
      await time.advance(BEAT_MS);
      await sourceWatch.confirm(forever);
    }
    expect(entered()).toBe(0);
  });
});

describe('given another process with the same source', () => {
  test('when it gives signs, then that is told, until it has stopped', async () => {
    const { ledger, time, sourceWatch } = await watch();
    expect(sourceWatch.condition()).toMatchObject({ state: 'ok' });
    ledger.isContested = true;
    await time.advance(2 * BEAT_MS);
    expect(sourceWatch.condition()).toMatchObject({
      state: 'faulty',
      reason: expect.stringContaining('give each sidecar a series.source of its own') as unknown,
    });
    ledger.isContested = false;
    await time.advance(2 * BEAT_MS);
    expect(sourceWatch.condition()).toMatchObject({ state: 'faulty' });
    await time.advance(2 * BEAT_MS);
    expect(sourceWatch.condition()).toMatchObject({ state: 'ok' });
  });
});

describe('given signs of life', () => {
  test('when the ledger belongs to one process, then none are given', async () => {
    const { ledger, time } = await watch({ isShared: false });
    await time.advance(10 * BEAT_MS);
    expect(ledger.written).toEqual([]);
  });
});
