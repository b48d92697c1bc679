import { cp, mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOutbox, type Drop } from '../../src/outbox/outbox.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { openLevelStore } from '../../src/store/level-store.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { openDisk } from './disk-harness.ts';
import { linesOf, sampleOf } from './sample-of.ts';

const CHUNKS = 75;
const SAMPLES_A_CHUNK = 20;
const SAMPLES = CHUNKS * SAMPLES_A_CHUNK;

/** What hardly compresses. */
function noise(seed: number, length: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}

/** Folder of a store with samples in its tables as well as in its log. */
async function fill(path: string): Promise<void> {
  let disk = await openDisk(openLevelStore, { path });
  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    if (chunk === CHUNKS - 10) {
      await disk.close();
      disk = await openDisk(openLevelStore, { path });
    }
    await disk.append(
      Array.from({ length: SAMPLES_A_CHUNK }, (_, at) => {
        const serial = chunk * SAMPLES_A_CHUNK + at;
        return sampleOf('c/g', [`${serial} ${noise(serial, 4000)}`]);
      }),
    );
  }
  await disk.close();
}

/** Delivers all that is left in a store; offers one more. */
async function empty(path: string) {
  const serials: number[] = [];
  const drops: Drop[] = [];
  const logged: Record<string, unknown>[] = [];
  const outbox = createOutbox(
    {
      sink: {
        deliver(samples, report) {
          report.acknowledged(samples);
          return Promise.resolve();
        },
      },
      clock: systemClock,
      monotonicMs: () => performance.now(),
      scheduler: systemScheduler,
      log: pino(
        { level: 'warn' },
        { write: (line: string) => void logged.push(JSON.parse(line) as object as Record<string, unknown>) },
      ),
      onAcknowledged: (samples) =>
        void serials.push(...samples.flatMap(linesOf).map((line) => Number.parseInt(line, 10))),
      onDropped: (drop) => void drops.push(drop),
      openStore: openLevelStore,
    },
    { memoryBytes: 8_000_000, disk: { path, maxBytes: 1e9, bytesPerSecond: 1e9 } },
  );
  await outbox.start(new AbortController().signal);
  outbox.offer(sampleOf('c/g', ['99999 new']));
  await pollUntil(() => (outbox.depth().samples === 0 ? true : undefined), {
    what: 'all that was left to be delivered',
    withinMs: 60_000,
  });
  const condition = outbox.condition();
  await outbox.stop(AbortSignal.timeout(5000));
  const lost = drops.filter(({ cause }) => cause === 'lost').reduce((sum, { samples }) => sum + samples, 0);
  return { serials, lost, drops, condition, logged };
}

async function flip(file: string, part: number): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const at = Math.min(size - 1, Math.floor(size * part));
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0x55;
  await handle.write(byte, 0, 1, at);
  await handle.close();
}

const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'is removed': (file) => rm(file),
  'is empty': (file) => truncate(file, 0),
  'ends in the middle': async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
  'lacks its last byte': async (file) => truncate(file, (await stat(file)).size - 1),
  ...Object.fromEntries(
    [0, 0.07, 0.3, 0.6, 0.95, 0.9999].map((part) => [
      `has another byte at ${part}`,
      (file: string) => flip(file, part),
    ]),
  ),
};

describe('given a store with samples that was damaged while nobody used it', () => {
  let folder = '';
  let whole = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'damaged-'));
    whole = join(folder, 'whole');
    await fill(whole);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function kindsOfFiles(): Promise<Map<string, string>> {
    const names = (await readdir(whole)).sort();
    const kinds = new Map<string, string>();
    for (const name of names) {
      const kind = name.replace(/[0-9]+/, 'N');
      if ((await stat(join(whole, name))).size > 0) kinds.set(kind, name);
    }
    return kinds;
  }

  test('when nothing is damaged, then all is delivered in order', async () => {
    const path = join(folder, 'undamaged');
    await cp(whole, path, { recursive: true });
    const { serials, drops, condition } = await empty(path);
    expect(serials).toEqual([...Array.from({ length: SAMPLES }, (_, serial) => serial), 99_999]);
    expect([drops, condition.state]).toEqual([[], 'ok']);
    expect([...(await kindsOfFiles()).keys()].sort()).toEqual(
      expect.arrayContaining(['CURRENT', 'MANIFEST-N', 'N.ldb', 'N.log', 'NOTE']),
    );
  });

  test.each(
    ['CURRENT', 'MANIFEST-N', 'N.ldb', 'N.log', 'LOG', 'NOTE'].flatMap((kind) =>
      Object.keys(damages).map((what) => [kind, what] as const),
    ),
  )(
    'when its %s %s, then each sample is delivered or counted as lost, and it goes on',
    async (kind, what) => {
      const path = join(folder, `${kind} ${what}`);
      await cp(whole, path, { recursive: true });
      await damages[what]?.(join(path, (await kindsOfFiles()).get(kind) ?? ''));
      const { serials, lost, condition, logged } = await empty(path);
      // In order, none twice, the newest last.
      expect(serials).toEqual([...new Set(serials)].sort((a, b) => a - b));
      expect(serials.at(-1)).toBe(99_999);
      expect(serials.length - 1 + lost).toBe(SAMPLES);
      if (lost > 0) {
        expect(condition).toMatchObject({
          state: 'faulty',
          reason: expect.stringContaining('on disk') as string,
        });
        expect(logged).toContainEqual(
          expect.objectContaining({ msg: expect.stringContaining('damaged') as string }),
        );
      }
      // Whoever comes next loses nothing. (It may meet the damaged table once more, when the store tidies up.)
      expect(await empty(path)).toMatchObject({ serials: [99_999], lost: 0 });
      await rm(path, { recursive: true });
    },
  );
});
