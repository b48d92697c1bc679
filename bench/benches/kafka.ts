import { atLeast, told, type Bench, type BenchContext, type BenchResult, type Facts } from '../bench.ts';
import { startBenchTopic } from '../kafka/bench-topic.ts';
import { runLoad } from '../measure/run-load.ts';
import { troubles } from './polling.ts';

/** Every lag changes at every poll, and all of it goes to a real broker. */
export const kafka: Bench = {
  name: 'kafka',
  work: 'busy into a real Kafka 4 broker: gzip, acks all',
  run: measureKafka,
};

/** Records for each second of our CPU, by lines in one message; null: told for comparison. */
const CASES = [
  { linesPerMessage: 1, transactions: false, recordsACpuSecond: 120_000, intervalSeconds: 5 },
  { linesPerMessage: 1, transactions: true, recordsACpuSecond: null, intervalSeconds: 5 },
  { linesPerMessage: 50, transactions: false, recordsACpuSecond: 500_000, intervalSeconds: 2 },
] as const;

async function measureKafka({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  progress('starting Kafka');
  const topic = await startBenchTopic();
  try {
    const findings = [];
    const profiles = [];
    const facts: Record<string, Facts[string]> = {};
    for (const { linesPerMessage, transactions, recordsACpuSecond, intervalSeconds } of CASES) {
      const lines = `${linesPerMessage} line${linesPerMessage === 1 ? '' : 's'} a message`;
      const label = transactions ? `${lines}, transactions` : lines;
      progress(label);
      const figures = await runLoad({
        cli,
        nodeFlags: options.nodeFlags,
        load: {
          groups: options.groups ?? 1000,
          partitions: options.partitions ?? 100,
          lagging: 'all',
          commits: options.commits,
        },
        // Slow enough to keep up on a shared core, so that nothing is dropped: CPU is counted, not time.
        intervalSeconds: options.interval ?? intervalSeconds,
        warmUpSeconds: options.warmUp ?? 25,
        windows: options.windows ?? 3,
        windowSeconds: options.seconds ?? 10,
        settings: {
          ...topic.settings,
          'kafka.linesPerMessage': String(linesPerMessage),
          'kafka.transactions': String(transactions),
          // The first poll of everything opens every span at once, before the code is warm.
          'outbox.memory': '512MB',
        },
        profile: options.profile,
      });
      const what = `records a second of CPU, ${label}`;
      findings.push(
        recordsACpuSecond === null
          ? told(what, figures.recordsACpuSecond, 'records/s')
          : atLeast(what, figures.recordsACpuSecond, recordsACpuSecond, 'records/s'),
        told(`of a core, ${label}`, figures.corePercent, '%'),
        ...troubles(figures),
      );
      if (figures.profile !== null) profiles.push(figures.profile);
      for (const [name, value] of Object.entries({ ...figures }))
        facts[`${name}Lines${linesPerMessage}${transactions ? 'Transactions' : ''}`] = value;
    }
    return { bench: 'kafka', findings, facts, profiles };
  } finally {
    await topic.stop();
  }
}
