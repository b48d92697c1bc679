import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import type { SampleRecords } from '../../src/records/record.ts';
import { createDelivery } from '../../src/sidecar/delivery.ts';
import { createListeners } from '../../src/sidecar/listeners.ts';
import { loadGood } from '../config/loading.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { neverAborts } from '../sinks/report.ts';
import { pollUntil } from '../stack/poll-until.ts';

const sampleAt = (timestampSeconds: number): SampleRecords => ({
  key: 'prod/billing',
  cluster: 'prod',
  takenAtMs: timestampSeconds * 1000,
  records: [
    {
      subject: { kind: 'group', cluster: 'prod', group: 'billing' },
      metric: 'totalLag',
      kind: 'value',
      value: 7,
      timestampSeconds,
    },
  ],
});

/** Delivers to a file; starts the parts and stops them with the test. */
async function openDelivery(folder: string, settings: readonly string[] = []) {
  const time = createManualTime();
  const lines: object[] = [];
  const told: unknown[][] = [];
  const listeners = createListeners();
  listeners.add({
    acknowledged: (...said) => void told.push(['acknowledged', ...said]),
    dropped: ({ cause, samples }) => void told.push(['dropped', cause, samples]),
    sinkFault: (...said) => void told.push(['sinkFault', ...said]),
    exception: (...said) => void told.push(['exception', ...said]),
  });
  const configuration = loadGood({
    set: ['burrow.servers=http://b:8000', 'sink.type=file', `sink.file=${folder}/lag.txt`, ...settings],
  });
  const delivery = await createDelivery(configuration, {
    clock: time,
    scheduler: time,
    monotonicMs: time.monotonicMs,
    random: () => 0,
    log: pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line) as object) }),
    stdout: new PassThrough(),
    listeners,
    now: () => configuration,
    onClosed: () => undefined,
  });
  for (const part of delivery.parts) await part.start(neverAborts);
  onTestFinished(async () => {
    for (const part of delivery.parts.toReversed()) await part.stop(AbortSignal.abort());
  });
  /** Lets time pass while real files do their work. */
  async function passUntil(what: string, holds: () => boolean): Promise<void> {
    await pollUntil(() => time.advance(250).then(() => holds() || undefined), {
      what,
      withinMs: 20_000,
      everyMs: 1,
    });
  }
  return { delivery, time, told, lines, passUntil };
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'rainbow-delivery-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('given a destination that is away, when samples are dropped and it is back, then its fault is told once, and the log says what it cost', async () => {
  const folder = join(await temporaryFolder(), 'missing');
  const { delivery, time, told, lines, passUntil } = await openDelivery(folder, ['outbox.memory=1MB']);
  expect(delivery.drops()).toEqual({ droppedSamples: 0, lastDropMs: null, dropsSinceMs: null });
  delivery.emit(sampleAt(1));
  await passUntil('a fault', () => told.length > 0);
  expect(told).toEqual([['sinkFault', 'other']]);
  for (let second = 2; delivery.drops().droppedSamples < 3; second += 1) delivery.emit(sampleAt(second));
  expect(delivery.drops()).toEqual({
    droppedSamples: 3,
    lastDropMs: time.nowMs(),
    dropsSinceMs: time.nowMs(),
  });
  expect(told.slice(1, 3)).toEqual([
    ['dropped', 'full', 1],
    ['exception', 'prod', 'samplesDropped', 1],
  ]);
  const waitingSamples = delivery.outbox.depth().samples;
  await mkdir(folder);
  const ends = (): readonly object[] => lines.filter((line) => 'droppedSamples' in line);
  await passUntil('the end of the fault', () => ends().length > 0);
  expect(ends()).toMatchObject([{ msg: 'The sink works again', waitingSamples: 0, droppedSamples: 3 }]);
  expect(waitingSamples).toBeGreaterThan(0);
  expect(told.filter(([event]) => event === 'acknowledged').length).toBe(waitingSamples);
});

test('given tags that change, when samples are emitted before and after, then each has the tags of its time', async () => {
  const folder = await temporaryFolder();
  const { delivery, passUntil } = await openDelivery(folder, ['series.tags=dc=us1']);
  delivery.emit(sampleAt(1));
  const makeCount = delivery.prepareTags({ dc: 'eu1' });
  delivery.emit(sampleAt(2));
  makeCount();
  delivery.emit(sampleAt(3));
  await passUntil('the delivery', () => delivery.outbox.depth().samples === 0);
  const tags = (await readFile(`${folder}/lag.txt`, 'utf8')).match(/dc="\w+"/g);
  expect(tags).toEqual(['dc="us1"', 'dc="us1"', 'dc="eu1"']);
});
