import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEntryWriter, type Identity } from '../../src/ledger/ledger-entry.ts';
import { writeBeatKey, writeEntryKey } from '../../src/ledger/ledger-key.ts';
import { createSourceWatch } from '../../src/ledger/source-watch.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { createMemoryLedger } from './memory-ledger.ts';

const identity: Identity = { prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: ['owner'] };
const BEAT_MS = 1000;
const OTHER = writeBeatKey('other');
const spans = '[["group","totalLag",[]]]';

/** A ledger in which another source has an open span, watched by a sidecar that shares it. */
async function watch({ isShared = true } = {}) {
  const entry = createEntryWriter(identity).settled({ open: spans, doubted: null }) ?? '';
  const key = writeEntryKey({ source: 'other', about: 'group', cluster: 'prod', name: 'workers' });
  const ledger = createMemoryLedger(new Map([[key, entry]]));
  ledger.isShared = isShared;
  const time = createManualTime();
  const ended: string[] = [];
  const sourceWatch = createSourceWatch(
    {
      ledger,
      end: (left) => ended.push(...left.map(({ owner }) => `${owner.source} ${owner.name}`)),
      scheduler: time,
      log: pino({ level: 'silent' }),
    },
    { source: 'self', identity, beatMs: BEAT_MS },
  );
  onTestFinished(() => sourceWatch.stop());
  sourceWatch.start(await ledger.read(new AbortController().signal, () => undefined));
  await time.advance(0);
  return { ledger, time, ended, sourceWatch };
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

describe('given signs of life', () => {
  test('when a sidecar leaves, then it takes its own away', async () => {
    const { ledger, time, sourceWatch } = await watch();
    const first = ledger.entries.get(writeBeatKey('self'));
    await time.advance(BEAT_MS);
    expect(ledger.entries.get(writeBeatKey('self'))).not.toBe(first);
    await sourceWatch.stop();
    await sourceWatch.leave(new AbortController().signal);
    expect(ledger.entries.has(writeBeatKey('self'))).toBe(false);
  });

  test('when the ledger belongs to one process, then none are given', async () => {
    const { ledger, time } = await watch({ isShared: false });
    await time.advance(10 * BEAT_MS);
    expect(ledger.written).toEqual([]);
  });
});
