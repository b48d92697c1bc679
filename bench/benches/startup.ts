import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startStandInTopic, type StandInTopic } from '../kafka/stand-in-topic.ts';
import { startChild } from '../measure/child.ts';
import { sidecarArguments } from '../measure/measured-sidecar.ts';
import { median } from '../measure/percentile.ts';
import type { ProbeAsk, Usage } from '../measure/probe.ts';
import { startStandIn } from '../measure/run-load.ts';

/** From nothing to the first record that has arrived. */
export const startup: Bench = {
  name: 'startup',
  work: 'process start to the first record acknowledged by one of 3 stand-ins for Kafka brokers, 1,000 groups × 100 partitions',
  run: measureStartup,
};

const STARTS = 5;
const BROKERS = 3;
const FIRST_RECORD_MS = 60_000;
/** Seldom enough to cost the sidecar nothing. */
const ASK_EVERY_MS = 20;

async function measureStartup({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const standIn = startStandIn({
    groups: options.groups ?? 1000,
    partitions: options.partitions ?? 100,
    lagging: 'all',
    commits: options.commits,
  });
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  try {
    const url = await standIn.ask<string>({ kind: 'url' });
    for (let start = 1; start <= (options.windows ?? STARTS); start += 1) {
      progress(`start ${start}`);
      // New ones each time: a sidecar that finds spans open in the ledger has to end them first.
      const topic = await startStandInTopic(BROKERS);
      try {
        const figures = await measureStart(topic, { cli, nodeFlags: options.nodeFlags, burrow: url });
        seconds.push(figures.seconds);
        cpuSeconds.push(figures.cpuSeconds);
      } finally {
        await topic.stop();
      }
    }
  } finally {
    await standIn.stop();
  }
  return {
    bench: 'startup',
    findings: [
      atMost('start to first record acknowledged, median', median(seconds), 3, 's'),
      told('slowest', Math.max(...seconds), 's'),
      told('CPU until then', median(cpuSeconds), 's'),
    ],
    facts: { seconds: median(seconds), slowestSeconds: Math.max(...seconds), cpuSeconds: median(cpuSeconds) },
    profiles: [],
  };
}

async function measureStart(
  topic: StandInTopic,
  {
    cli,
    nodeFlags,
    burrow,
  }: { readonly cli: string; readonly nodeFlags: readonly string[]; readonly burrow: string },
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const settings = {
    ...topic.settings,
    'burrow.servers': burrow,
    'http.host': '127.0.0.1',
    'http.port': '0',
    'log.level': 'warn',
  };
  const args = sidecarArguments({ cli, settings, nodeFlags });
  const startedAtMs = epochMs();
  const sidecar = startChild<ProbeAsk>({ args });
  try {
    const acknowledgedAtMs = await firstAcknowledgedAtMs(topic, startedAtMs + FIRST_RECORD_MS);
    const { cpuMicros } = await sidecar.ask<Usage>({ kind: 'usage' });
    return { seconds: (acknowledgedAtMs - startedAtMs) / 1000, cpuSeconds: cpuMicros / 1e6 };
  } finally {
    await sidecar.stop();
  }
}

async function firstAcknowledgedAtMs(topic: StandInTopic, deadlineMs: number): Promise<number> {
  for (;;) {
    const { firstAtMs } = await topic.acknowledged();
    if (firstAtMs !== null) return firstAtMs;
    if (epochMs() > deadlineMs) throw new Error('the sidecar has not delivered any record');
    await sleep(ASK_EVERY_MS);
  }
}

/** With a fraction; another process's is the same. */
function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
