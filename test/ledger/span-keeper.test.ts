import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createEntryWriter, type Identity } from '../../src/ledger/ledger-entry.ts';
import { writeEndedKey, writeEntryKey } from '../../src/ledger/ledger-key.ts';
import { writeClaim } from '../../src/ledger/life-signs.ts';
import type { SpansOnDisk } from '../../src/ledger/recovered-spans.ts';
import { createSpanKeeper } from '../../src/ledger/span-keeper.ts';
import { abortable } from '../../src/platform/abortable.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { createMemoryLedger } from './memory-ledger.ts';

const identity: Identity = { prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: ['owner'] };
const writer = createEntryWriter(identity);
const forever = new AbortController().signal;
const keyOf = (source: string): string =>
  writeEntryKey({ source, about: 'group', cluster: 'prod', name: 'workers' });
const lagOf = (...owners: string[]): string =>
  JSON.stringify([['partition', 'Lag', ...owners.map((owner) => ['orders', 0, owner])]]);
const entry = (...owners: string[]): string =>
  writer.settled({ open: lagOf(...owners), doubted: null }) ?? '';
const place = { store: 's', life: 1, index: 1 };
const PATIENCE_MS = 5000;

function keep(entries: Record<string, string>, onDisk: SpansOnDisk = new Map()) {
  const ledger = createMemoryLedger(new Map(Object.entries(entries)));
  const time = createManualTime();
  const resumed: string[] = [];
  const behind: number[] = [];
  const ended: string[] = [];
  const endedAt: number[] = [];
  const keeper = createSpanKeeper(
    {
      ledger,
      spansOnDisk: () => onDisk,
      resume(spans, notBeforeSeconds) {
        resumed.push(...spans.map(({ subject }) => subject.owner ?? ''));
        behind.push(notBeforeSeconds);
      },
      follows: () => true,
      seriesOf: ({ subject, metric }, { prefix }) => `${prefix} ${metric} ${subject.owner ?? ''}`,
      end({ owner, spans }, _stillOpen, timestampSeconds) {
        ended.push(...spans.map(({ subject }) => `${owner.source} ${subject.owner ?? ''}`));
        endedAt.push(timestampSeconds);
      },
      onEnded: () => undefined,
      enterAgain: () => undefined,
      clock: time,
      scheduler: time,
      log: pino({ level: 'silent' }),
    },
    { source: 'self', identity, patienceMs: PATIENCE_MS },
  );
  onTestFinished(() => keeper.stop(forever));
  const start = async (): Promise<void> => {
    const started = keeper.start(forever);
    await time.advance(PATIENCE_MS + 1);
    await started;
  };
  return { ledger, time, keeper, resumed, behind, ended, endedAt, start };
}

describe('given a ledger that can be read', () => {
  test('when a former process of this source has died, then its spans go on', async () => {
    const { start, resumed, ended } = keep({ [keyOf('self')]: entry('/a') });
    await start();
    expect({ resumed, ended }).toEqual({ resumed: ['/a'], ended: [] });
  });

  test('when it belongs to one process, then what another source has left is ended under its name', async () => {
    const { start, resumed, ended } = keep({ [keyOf('self')]: entry('/a'), [keyOf('old')]: entry('/b') });
    await start();
    expect({ resumed, ended }).toEqual({ resumed: ['/a'], ended: ['old /b'] });
  });

  test('when another source has claimed our spans, then it is waited for, and nothing of them goes on', async () => {
    const claim = writeClaim({ by: 'p', source: 'other', atSeconds: 1 });
    const { ledger, time, keeper, resumed } = keep({
      [keyOf('self')]: entry('/a'),
      [writeEndedKey('self')]: claim,
    });
    const started = keeper.start(forever);
    await time.advance(3000);
    expect(resumed).toEqual([]);
    ledger.entries.delete(keyOf('self'));
    await time.advance(10_000);
    await started;
    expect(resumed).toEqual([]);
  });

  test('when it is shared, then another source is given time', async () => {
    const { ledger, start, ended } = keep({ [keyOf('old')]: entry('/b') });
    ledger.isShared = true;
    await start();
    expect(ended).toEqual([]);
  });

  test('when it is shared, but samples of another source lie on our disk, then that has died', async () => {
    const onDisk = new Map([[keyOf('old'), { open: lagOf('/b'), doubted: null, place }]]);
    const { ledger, start, ended } = keep({}, onDisk);
    ledger.isShared = true;
    await start();
    expect(ended).toEqual(['old /b']);
  });
});

describe('given a start that is given up', () => {
  test.each([
    ['before it has passed behind former records', false],
    ['before polling starts without a ledger that may not be read', true],
  ])('when that is %s, then nothing goes on', async (_when, isRefused) => {
    const { ledger, time, keeper } = keep({ [keyOf('self')]: entry('/a') });
    ledger.isShared = true;
    let signalOfRead = forever;
    if (isRefused) {
      ledger.read = (signal, onRefused) => {
        signalOfRead = signal;
        onRefused();
        return abortable(new Promise(() => undefined), signal);
      };
    }
    const start = new AbortController();
    const started = keeper.start(start.signal);
    started.catch(() => undefined);
    await time.advance(0);
    start.abort(new Error('stopped'));
    await expect(started).rejects.toThrow('stopped');
    const written = ledger.written.length;
    await time.advance(120_000);
    expect({ written: ledger.written.length, armed: time.armed() }).toEqual({ written, armed: 0 });
    expect(signalOfRead.aborted).toBe(isRefused);
  });
});

describe('given a ledger that can be read only after polling has begun', () => {
  async function late(entries: Record<string, string>, onDisk?: SpansOnDisk) {
    const kept = keep(entries, onDisk);
    // Reading is under way, and ends when the test says so.
    let arrive: () => void = () => undefined;
    const arrives = new Promise<void>((resolve) => (arrive = resolve));
    const contents = { entries: kept.ledger.entries, isNew: false };
    kept.ledger.read = () => arrives.then(() => contents);
    await kept.start();
    const readAtLast = async (): Promise<void> => {
      arrive();
      await kept.time.advance(1);
    };
    return { ...kept, readAtLast };
  }

  const subject = { kind: 'partition', cluster: 'prod', group: 'workers', topic: 'orders' } as const;
  const spanOf = (owner: string) => ({
    subject: { ...subject, partition: 0, owner },
    metric: 'Lag' as const,
    isDoubtful: false,
  });

  test('when it is read, then what has not been opened again is ended', async () => {
    const { keeper, readAtLast, resumed, ended } = await late({ [keyOf('self')]: entry('/a', '/b') });
    keeper.note(keyOf('self'), { opened: [spanOf('/b')], open: () => [spanOf('/b')] });
    await readAtLast();
    expect({ resumed, ended }).toEqual({ resumed: [], ended: ['self /a'] });
  });

  test('when a series has begun and ended again meanwhile, then it is not ended once more', async () => {
    const { keeper, readAtLast, ended } = await late({ [keyOf('self')]: entry('/a', '/b') });
    keeper.note(keyOf('self'), { opened: [spanOf('/b')], open: () => [spanOf('/b')] });
    keeper.note(keyOf('self'), { opened: [], open: () => [] });
    await readAtLast();
    expect(ended).toEqual(['self /a']);
  });

  test('when polling begins, then its records come after those of a former process and a second for their ends', async () => {
    const { behind, endedAt, time, readAtLast } = await late({ [keyOf('self')]: entry('/a') });
    const startedAtSeconds = Math.floor((time.nowMs() - PATIENCE_MS - 1) / 1000);
    await time.advance(60_000);
    await readAtLast();
    expect(behind).toEqual([startedAtSeconds + 1]);
    expect(endedAt).toEqual([startedAtSeconds + 1]);
  });

  test('when samples on disk are newer, then what they leave open is ended, and nothing else', async () => {
    const onDisk = new Map([[keyOf('self'), { open: lagOf('/new'), doubted: null, place }]]);
    const { readAtLast, ended } = await late({ [keyOf('self')]: entry('/old') }, onDisk);
    await readAtLast();
    expect(ended).toEqual(['self /new']);
  });
});
