import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startBenchTopic } from '../kafka/bench-topic.ts';
import { runLoad } from '../measure/run-load.ts';
import { troubles } from './polling.ts';

/** What a small installation pays for having the sidecar. */
export const idle: Bench = {
  name: 'idle',
  work: '100 groups × 10 partitions every 30 s, lag 0 throughout, 3 Kafka brokers',
  run: measureIdle,
};

async function measureIdle({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  progress('starting 3 Kafka brokers');
  const topic = await startBenchTopic(3);
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
      // The engine gives back what the start took once it sees that nothing more comes.
      warmUpSeconds: options.warmUp ?? 12,
      windows: options.windows ?? 1,
      windowSeconds: options.seconds ?? 20,
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
