import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startStandInTopic } from '../kafka/stand-in-topic.ts';
import { runLoad } from '../measure/run-load.ts';
import { troubles } from './polling.ts';

/** What a small installation pays for having the sidecar. */
export const idle: Bench = {
  name: 'idle',
  work: '100 groups × 10 partitions every 30 s, lag 0 throughout, stand-ins for 3 Kafka brokers',
  run: measureIdle,
};

const BROKERS = 3;

async function measureIdle({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const topic = await startStandInTopic(BROKERS);
  try {
    progress('measuring');
    const figures = await runLoad({
      cli,
      nodeFlags: options.nodeFlags,
      load: {
        groups: options.groups ?? 100,
        partitions: options.partitions ?? 10,
        lagging: 'none',
        commits: options.commits,
      },
      intervalSeconds: options.interval ?? 30,
      // The first polls are over within seconds, the second ones spread over the interval from its half on.
      warmUpSeconds: options.warmUp ?? 16,
      warmUpPolls: 1,
      windows: options.windows ?? 1,
      windowSeconds: options.seconds ?? 18,
      settings: topic.settings,
      profile: options.profile,
    });
    return {
      bench: 'idle',
      findings: [
        atMost('of a core', figures.corePercent, 1, '%'),
        atMost('memory (RSS) while idle', figures.rssMegabytes, 120, 'MB'),
        told('memory (RSS), most, during the start', figures.maxRssMegabytes, 'MB'),
        ...troubles(figures),
      ],
      facts: { ...figures },
      profiles: figures.profile === null ? [] : [figures.profile],
    };
  } finally {
    await topic.stop();
  }
}
