import { expect } from 'vitest';
import { startSidecar, type Cleanup, type Settings } from '../../integration/support/sidecar-process.ts';
import type { SidecarProcess } from '../../integration/support/sidecar-process.ts';
import { toSeries, type ReadSeries } from '../../integration/support/series.ts';
import { readWavefrontLine, type ReadRecord } from '../../integration/support/wavefront-reader.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { sumOfMetric } from './count-metric.ts';
import type { FaultRow } from './fault-row.ts';
import { inForm } from './form.ts';
import { judgeOutcome, type Outcome } from './outcome.ts';
import { CLUSTER, startTickingBurrow, type TickingBurrow } from './ticking-burrow.ts';

const WITHIN_MS = inForm({ short: 60_000, full: 15 * 60_000 });
/** Several scenes stand side by side: asked more often, they would mostly be busy with answering. */
const ASK_MS = 300;

/** A sidecar in a process of its own between a ticking Burrow and its standard output. */
export interface StdoutScene {
  readonly burrow: TickingBurrow;
  readonly sidecar: SidecarProcess;
  /** All records so far, in their order. */
  records(): readonly ReadRecord[];
  /** Those about the groups of the ticking Burrow. */
  groupSeries(): readonly ReadSeries[];
  count(name: string, labels?: Readonly<Record<string, string>>): Promise<number>;
  /** Waits for `holds`, asking three times a second. */
  readonly until: (what: string, holds: () => boolean | Promise<boolean>) => Promise<void>;
  /** Waits until each group has been sampled so many times (default 3) more than at the call. */
  flows(samples?: number): Promise<void>;
  /** Ends polling, stops the sidecar with SIGTERM (it has to exit 0) and judges all that it printed. */
  end(): Promise<StdoutEnding>;
}

export interface StdoutEnding extends Outcome {
  readonly taken: number;
  row(fault: string, note: string): FaultRow;
}

/** @param options.settings of the sidecar, beside `burrow.servers`, which is the ticking one where it is not given */
export async function setStdoutScene(
  options: {
    readonly settings?: (burrowUrl: string) => Settings;
    readonly groups?: number;
    readonly preload?: string;
  },
  cleanup: Cleanup,
): Promise<StdoutScene> {
  const { groups = 5, settings, preload } = options;
  const burrow = await startTickingBurrow(cleanup, { groups });
  const sidecar = await startSidecar(
    {
      'burrow.servers': burrow.url,
      'sink.type': 'stdout',
      'poll.interval': '2s',
      'discovery.interval': '2s',
      ...settings?.(burrow.url),
    },
    cleanup,
    preload,
  );
  const records = (): readonly ReadRecord[] =>
    sidecar.stdout().split('\n').slice(0, -1).map(readWavefrontLine);
  const count: StdoutScene['count'] = (name, labels) =>
    sumOfMetric(sidecar.url, `burrow_rainbow_${name}`, labels);

  async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    await pollUntil(async () => ((await holds()) ? true : undefined), {
      what,
      withinMs: WITHIN_MS,
      everyMs: ASK_MS,
    });
  }

  return {
    burrow,
    sidecar,
    records,
    groupSeries: () =>
      toSeries(records().filter(({ tags }) => burrow.groups.includes(tags['consumer'] ?? ''))),
    count,
    until,
    async flows(samples = 3) {
      const before = burrow.groups.map((group) => burrow.answered(group).length);
      await until('more samples', () =>
        burrow.groups.every(
          (group, index) => burrow.answered(group).length >= (before[index] ?? 0) + samples,
        ),
      );
    },
    async end() {
      await burrow.pause();
      const taken = (await count('samples_total', { cluster: CLUSTER })) - burrow.repeats();
      sidecar.send('SIGTERM');
      expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
      const outcome = judgeOutcome(burrow, records());
      return {
        ...outcome,
        taken,
        row: (fault, note) => ({
          fault,
          samplesTaken: taken,
          samplesDelivered: outcome.delivered,
          samplesDropped: 0,
          duplicates: outcome.duplicates.length,
          danglingSpans: outcome.danglingSpans,
          note,
        }),
      };
    },
  };
}
