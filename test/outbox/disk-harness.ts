import { pino } from 'pino';
import type { DroppedSample } from '../../src/outbox/backlog.ts';
import type { Sizes } from '../../src/outbox/disk-format.ts';
import type { Done } from '../../src/outbox/disk-machine.ts';
import { createDiskOutbox, type DiskOutbox } from '../../src/outbox/disk-outbox.ts';
import { createStepRunner, type StepRunner } from '../../src/outbox/disk-runner.ts';
import { createDiskReport } from '../../src/outbox/outbox-reports.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import type { OpenStore } from '../../src/store/store.ts';

type DoneOf<Do extends Done['do']> = Extract<Done, { readonly do: Do }>;

/** An outbox on disk whose destination takes nothing, and whose steps are done when the test says so. */
export interface DiskHarness {
  readonly outbox: DiskOutbox;
  readonly drops: DroppedSample[];
  readonly lost: Sizes[];
  /** What the store held. */
  readonly opened: DoneOf<'open'>;
  /** Puts these samples on disk, and does not read anything back. */
  append(samples: readonly EncodedSample[], offeredMs?: number): Promise<readonly Done[]>;
  /** Reads the oldest chunk that was not read yet; null where there is none. */
  read(): Promise<DoneOf<'read'> | null>;
  /** Delivers so many samples of those that were read, and removes what is done with. */
  deliver(samples: number): Promise<readonly Done[]>;
  close(): Promise<void>;
}

/** Does single steps, and says nothing of them. */
export function createSilentRunner(openStore: OpenStore, path = '/spool'): StepRunner {
  const log = pino({ level: 'silent' });
  const report = createDiskReport({ clock: systemClock, log }, { path });
  return createStepRunner({ openStore, clock: systemClock, scheduler: systemScheduler, report }, { path });
}

const plenty = { path: '/spool', memoryBytes: 1e9, maxBytes: 1e9, bytesPerSecond: 1e12 };

export async function openDisk(
  openStore: OpenStore,
  options: Partial<typeof plenty> = {},
): Promise<DiskHarness> {
  const { path, ...limits } = { ...plenty, ...options };
  const drops: DroppedSample[] = [];
  const lost: Sizes[] = [];
  const outbox = createDiskOutbox(
    {
      isStuck: () => true,
      onChanged: () => undefined,
      onReady: () => undefined,
      onDropped: (dropped) => void drops.push(...dropped),
      onLost: (sizes) => void lost.push(sizes),
    },
    limits,
  );
  const runner = createSilentRunner(openStore, path);
  let nowMs = 0;

  async function work(isSaving: boolean, isLast: (done: Done) => boolean = () => false): Promise<Done[]> {
    const all: Done[] = [];
    // No chunk waits for another, and there is time to read.
    nowMs += 2000;
    for (;;) {
      const step = outbox.nextStep(nowMs, isSaving);
      if (step.do === 'rest') return all;
      const done = await runner.perform(step);
      outbox.done(done, nowMs);
      all.push(done);
      if (isLast(done)) return all;
    }
  }

  const opened = (await work(true)).find((done) => done.do === 'open');
  if (opened === undefined) throw new Error('the store was not opened');
  return {
    outbox,
    drops,
    lost,
    opened,
    async append(samples, offeredMs = 0) {
      for (const sample of samples) drops.push(...outbox.add(sample, offeredMs));
      return work(true);
    },
    async read() {
      const all = await work(false, (done) => done.do === 'read');
      return all.find((done) => done.do === 'read') ?? null;
    },
    async deliver(samples) {
      outbox.take(Number.MAX_SAFE_INTEGER);
      outbox.settle(outbox.inFlight().slice(0, samples));
      return work(true);
    },
    close: () => runner.close(),
  };
}
