import { expect } from 'vitest';
import { startSidecar, type Cleanup, type Settings } from '../../integration/support/sidecar-process.ts';
import type { LogLine, SidecarProcess } from '../../integration/support/sidecar-process.ts';
import type { ReadRecord } from '../../integration/support/wavefront-reader.ts';
import { pollUntil } from '../../stack/poll-until.ts';
import { sumOfMetric } from './count-metric.ts';
import type { FaultRow } from './fault-row.ts';
import { inForm } from './form.ts';
import { faultLinesOf, judgeTold } from './judge-told.ts';
import { judgeOutcome, type Outcome } from './outcome.ts';
import { readBack } from './read-back.ts';
import { CLUSTER, startTickingBurrow, type TickingBurrow } from './ticking-burrow.ts';

export interface SceneOptions {
  /** Where the topic is read back. */
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Of the sidecar, over those that every scene needs. */
  readonly settings?: Settings;
  /** Default 20. */
  readonly groups?: number;
}

/** A sidecar in a process of its own between a ticking Burrow and a topic of real brokers. */
export interface Scene {
  readonly burrow: TickingBurrow;
  readonly sidecar: SidecarProcess;
  /** Of the sidecar, for another one like it. */
  readonly settings: Settings;
  /** Waits until so many more records (default 100) have been acknowledged than at the call. */
  flows(records?: number): Promise<void>;
  /** Waits for `holds`, asking three times a second. */
  until(what: string, holds: () => boolean | Promise<boolean>, withinMs?: number): Promise<void>;
  /** What the health check says of the destination, be it of the records or of the ledger; '' where all is well. */
  reason(): Promise<string>;
  /** Waits for the health check to say this of the destination. */
  tells(reason: RegExp): Promise<void>;
  /** Lines of the log that tell when faults of the destination began and ended. */
  faultLines(): readonly LogLine[];
  /** Samples that wait for the destination. */
  waiting(): Promise<number>;
  /** Samples dropped so far. */
  dropped(): Promise<number>;
  /** Ends polling until the Burrow resumes, and waits until everything has been delivered. */
  rest(): Promise<void>;
  /**
   * Ends polling, waits until everything has been delivered, stops the sidecar with SIGTERM (it has to exit 0) and
   * reads the topic back.
   *
   * @param before what the topic had when it was read back before, and has no more
   */
  end(before?: readonly ReadRecord[]): Promise<Ending>;
}

export interface Ending extends Outcome {
  readonly taken: number;
  readonly dropped: number;
  /** Faults of the destination that the sidecar has counted. */
  readonly counted: number;
  /** What is wrong with how it told of them. */
  readonly untold: readonly string[];
  /** The row of this case, with its name and a few words. */
  row(fault: string, note: string): FaultRow;
}

/** With the deadlines of real life, in the full form, one wait may be for several of them. */
const WITHIN_MS = inForm({ short: 60_000, full: 180_000 });
/** Several scenes stand side by side: asked more often, they would mostly be busy with answering. */
const ASK_MS = 300;

export async function setScene(options: SceneOptions, cleanup: Cleanup): Promise<Scene> {
  const { brokers, topic, groups } = options;
  const burrow = await startTickingBurrow(cleanup, groups === undefined ? {} : { groups });
  const settings: Settings = {
    'burrow.servers': burrow.url,
    'kafka.brokers': brokers.join(','),
    'kafka.topic': topic,
    'poll.interval': '2s',
    'discovery.interval': '2s',
    'series.source': topic,
    ...options.settings,
  };
  const sidecar = await startSidecar(settings, cleanup);
  const count = (name: string, labels?: Readonly<Record<string, string>>): Promise<number> =>
    sumOfMetric(sidecar.url, `burrow_rainbow_${name}`, labels);

  async function until(
    what: string,
    holds: () => boolean | Promise<boolean>,
    withinMs = WITHIN_MS,
  ): Promise<void> {
    await pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs, everyMs: ASK_MS });
  }

  async function reason(): Promise<string> {
    const { parts } = await sidecar.health();
    const told = parts.filter(({ name }) => name === 'sink kafka' || name === 'ledger');
    return told.map((part) => part.reason ?? '').find((each) => each !== '') ?? '';
  }

  async function rest(): Promise<void> {
    await burrow.pause();
    await until('the outbox to empty', async () => (await count('outbox_samples')) === 0);
  }

  return {
    burrow,
    sidecar,
    settings,
    until,
    async flows(records = 100) {
      const before = await count('records_acknowledged_total');
      await until(
        'more records to be acknowledged',
        async () => (await count('records_acknowledged_total')) >= before + records,
      );
    },
    reason,
    tells: (wanted) =>
      until(`the health check to say ${String(wanted)}`, async () => wanted.test(await reason())),
    faultLines: () => faultLinesOf(sidecar.log()),
    waiting: () => count('outbox_samples'),
    dropped: () => count('samples_dropped_total'),
    rest,
    async end(before = []) {
      await rest();
      const taken = (await count('samples_total', { cluster: CLUSTER })) - burrow.repeats();
      const dropped = await count('samples_dropped_total');
      const counted = await count('sink_faults_total');
      const untold = judgeTold(faultLinesOf(sidecar.log()), counted);
      sidecar.send('SIGTERM');
      expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
      const outcome = judgeOutcome(burrow, [...before, ...(await readBack(brokers, topic))]);
      return {
        ...outcome,
        taken,
        dropped,
        counted,
        untold,
        row: (fault, note) => ({
          fault,
          samplesTaken: taken,
          samplesDelivered: outcome.delivered,
          samplesDropped: dropped,
          duplicates: outcome.duplicates.length,
          danglingSpans: outcome.danglingSpans,
          note,
        }),
      };
    },
  };
}
