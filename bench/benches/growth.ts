import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { runLoad, type LoadFigures } from '../measure/run-load.ts';
import { NULL_DEVICE, troubles } from './polling.ts';

/** Whether a partition costs more where there are many. */
export const growth: Bench = {
  name: 'growth',
  work: 'busy at 10 k, 100 k and 1 M partitions, null device',
  run: measureGrowth,
};

/**
 * As many partitions a second at 100 k as at 1 M. At 10 k there are only a fifth as many, since two samples of a group
 * within one second would count once: such a process is colder, and a partition costs more in it. So the ratio to 100 k
 * is told as well, which has no such excuse.
 */
const SIZES = [
  { name: '10k', groups: 100, intervalSeconds: 1.5, warmUpSeconds: 6 },
  { name: '100k', groups: 1000, intervalSeconds: 3, warmUpSeconds: 10 },
  { name: '1M', groups: 10_000, intervalSeconds: 30, warmUpSeconds: 40 },
] as const;

async function measureGrowth({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const runs: (LoadFigures & { readonly name: string })[] = [];
  for (const { name, groups, intervalSeconds, warmUpSeconds } of SIZES) {
    progress(`${name} partitions`);
    const figures = await runLoad({
      cli,
      nodeFlags: options.nodeFlags,
      load: {
        groups: options.groups === undefined ? groups : Math.ceil((groups / 10_000) * options.groups),
        partitions: options.partitions ?? 100,
        lagging: 'all',
        commits: options.commits,
      },
      intervalSeconds: options.interval ?? intervalSeconds,
      warmUpSeconds: options.warmUp ?? warmUpSeconds,
      windows: options.windows ?? 5,
      windowSeconds: options.seconds ?? 6,
      settings: NULL_DEVICE,
      profile: options.profile,
    });
    runs.push({ name, ...figures });
  }
  const cost = (place: number): number => runs.at(place)?.microsAPartition ?? Number.NaN;
  const ratio = cost(-1) / cost(0);
  const ratioTo100k = cost(-1) / cost(1);
  return {
    bench: 'growth',
    findings: [
      atMost('CPU a partition at 1 M, of that at 10 k', ratio, 1.2, '×'),
      told('the same, of that at 100 k', ratioTo100k, '×'),
      ...runs.flatMap((run) => [
        told(`CPU a partition at ${run.name}`, run.microsAPartition, 'µs'),
        told(`memory at ${run.name} (RSS, most)`, run.maxRssMegabytes, 'MB'),
        ...troubles(run),
      ]),
    ],
    facts: {
      ratio,
      ratioTo100k,
      ...Object.fromEntries(
        runs.flatMap(({ name, microsAPartition, corePercent, maxRssMegabytes, partitionsASecond }) => [
          [`microsAPartition${name}`, microsAPartition],
          [`corePercent${name}`, corePercent],
          [`maxRssMegabytes${name}`, maxRssMegabytes],
          [`partitionsASecond${name}`, partitionsASecond],
        ]),
      ),
    },
    profiles: runs.flatMap(({ profile }) => (profile === null ? [] : [profile])),
  };
}
