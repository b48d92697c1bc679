import { atMost, told, type Bench, type BenchContext, type BenchResult, type Finding } from '../bench.ts';
import type { LoadOptions } from '../load/load-options.ts';
import { createLimitMeter } from '../measure/limit-meter.ts';
import { runLoad, type LoadFigures } from '../measure/run-load.ts';

/** An interval of a second or more for the sidecar, whatever it takes. */
const TIME_SPEED = 16;

/** Rounds of the limit before the sidecar runs, and again after. */
const LIMIT_ROUNDS = 4;

/** Lag 0 throughout: what it costs to find out that nothing has happened. */
export const quiet: Bench = {
  name: 'quiet',
  work: '1,000 groups × 100 partitions, lag 0 throughout, null device',
  run: (context) =>
    measurePolling(context, { name: 'quiet', lagging: 'none', timesParse: 1.6, intervalSeconds: 0.25 }),
};

/** Every lag changes at every poll: what a record costs until its bytes are ready. */
export const busy: Bench = {
  name: 'busy',
  work: 'the same, every lag changing at every poll, Wavefront lines, null device',
  run: (context) =>
    measurePolling(context, { name: 'busy', lagging: 'all', timesParse: 4, intervalSeconds: 1 }),
};

async function measurePolling(
  { options, cli, progress }: BenchContext,
  plan: {
    readonly name: string;
    readonly lagging: LoadOptions['lagging'];
    readonly timesParse: number;
    readonly intervalSeconds: number;
  },
): Promise<BenchResult> {
  const load: LoadOptions = {
    groups: options.groups ?? 1000,
    partitions: options.partitions ?? 100,
    lagging: plan.lagging,
    commits: options.commits,
  };
  const meter = createLimitMeter(load, options.nodeFlags);
  const limitRounds = options.limitRounds ?? LIMIT_ROUNDS;
  progress('measuring the limit');
  await meter.measure(limitRounds);
  progress('measuring the sidecar');
  const figures = await runLoad({
    cli,
    nodeFlags: options.nodeFlags,
    load,
    intervalSeconds: options.interval ?? plan.intervalSeconds,
    timeSpeed: TIME_SPEED,
    warmUpSeconds: options.warmUp ?? 6,
    windows: options.windows ?? 5,
    windowSeconds: options.seconds ?? 2.5,
    settings: NULL_DEVICE,
    profile: options.profile,
  });
  progress('measuring the limit again');
  await meter.measure(limitRounds);
  const limit = meter.limit();
  const ratio = figures.microsAPartition / limit.parseMicros;
  return {
    bench: plan.name,
    findings: [
      atMost('CPU, in JSON.parse of the same bytes', ratio, plan.timesParse, '×'),
      told('CPU a partition', figures.microsAPartition, 'µs'),
      told('JSON.parse a partition', limit.parseMicros, 'µs'),
      told('the same, bytes made a string first', limit.decodeAndParseMicros, 'µs'),
      told('records a partition', figures.recordsAPartition, ''),
      ...troubles(figures),
    ],
    facts: {
      ratio,
      ratioToDecodeAndParse: figures.microsAPartition / limit.decodeAndParseMicros,
      ...limit,
      ...figures,
      ...load,
    },
    profiles: figures.profile === null ? [] : [figures.profile],
  };
}

/** Standard output is the null device: as close to no sink as the real path of a record goes. */
export const NULL_DEVICE = { 'sink.type': 'stdout' } as const;

/** What makes the other figures worthless. */
export function troubles({ droppedRecords, failedPolls }: LoadFigures): readonly Finding[] {
  return [
    ...(droppedRecords > 0 ? [atMost('records dropped', droppedRecords, 0, '')] : []),
    ...(failedPolls > 0 ? [atMost('polls that failed', failedPolls, 0, '')] : []),
  ];
}
