import { setTimeout as sleep } from 'node:timers/promises';
import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startBenchTopic } from '../kafka/bench-topic.ts';
import type { PollTimes } from '../load/stand-in-asks.ts';
import { percentile } from '../measure/percentile.ts';
import type { EventLoopDelay } from '../measure/probe.ts';
import { runLoad } from '../measure/run-load.ts';
import { troubles } from './polling.ts';

/** The whole job at full size, as it would be run. */
export const million: Bench = {
  name: 'million',
  work: '10,000 groups × 100 partitions every 30 s, 10 % of them lagging, into a real Kafka 4 broker',
  run: measureMillion,
};

const INTERVAL_SECONDS = 30;
/** One round until every group has been polled once, and one for the spans that open to be told. */
const WARM_UP_SECONDS = 65;
const HEALTH_CHECK_EVERY_MS = 200;

async function measureMillion({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  progress('starting Kafka');
  const topic = await startBenchTopic();
  const seen: { times: PollTimes; eventLoop: EventLoopDelay }[] = [];
  const healthMs: number[] = [];
  try {
    const intervalSeconds = options.interval ?? INTERVAL_SECONDS;
    const minutes = options.minutes ?? 5;
    const windows = options.windows ?? Math.max(1, Math.round((minutes * 60) / intervalSeconds));
    progress(
      `warming up, then measuring for ${(windows * (options.seconds ?? intervalSeconds)) / 60} minutes`,
    );
    const figures = await runLoad({
      cli,
      nodeFlags: options.nodeFlags,
      load: {
        groups: options.groups ?? 10_000,
        partitions: options.partitions ?? 100,
        lagging: 'tenth',
        commits: options.commits,
      },
      intervalSeconds,
      warmUpSeconds: options.warmUp ?? WARM_UP_SECONDS,
      windows,
      windowSeconds: options.seconds ?? intervalSeconds,
      settings: { ...topic.settings, ...options.settings },
      profile: options.profile,
      async watch(sidecar, standIn) {
        await standIn.ask({ kind: 'watch times', intervalMs: intervalSeconds * 1000 });
        await sidecar.watchEventLoop();
        const ended = new AbortController();
        const prober = probeHealth(() => sidecar.healthCheckMs(), healthMs, ended.signal);
        return async () => {
          ended.abort();
          await prober;
          const times = await standIn.ask<PollTimes>({ kind: 'times' });
          seen.push({ times, eventLoop: await sidecar.eventLoop() });
        };
      },
    });
    const [watched] = seen;
    if (watched === undefined) throw new Error('the run was not watched');
    const { p99Ms, maxMs, missedWindows, repeatedPolls } = watched.times;
    const { p99Ms: delayMs, maxMs: longestDelayMs } = watched.eventLoop;
    const sorted = healthMs.toSorted((a, b) => a - b);
    const healthP99Ms = percentile(sorted, 0.99);
    return {
      bench: 'million',
      findings: [
        atMost('windows of a group without a poll', missedWindows, 0, ''),
        atMost('lateness of polls, p99', p99Ms, 1000, 'ms'),
        told('lateness of polls, most', maxMs, 'ms'),
        atMost('of a core', figures.corePercent, 60, '%'),
        atMost('memory (RSS, most)', figures.maxRssMegabytes, 1000, 'MB'),
        atMost('event loop delay, p99', delayMs, 50, 'ms'),
        told('event loop delay, most', longestDelayMs, 'ms'),
        atMost('/health-check, p99', healthP99Ms, 100, 'ms'),
        told('records a second', figures.recordsAPartition * figures.partitionsASecond, ''),
        ...troubles(figures),
      ],
      facts: {
        missedWindows,
        repeatedPolls,
        latenessP99Ms: p99Ms,
        latenessMaxMs: maxMs,
        eventLoopDelayP99Ms: delayMs,
        eventLoopDelayMaxMs: longestDelayMs,
        healthCheckP99Ms: healthP99Ms,
        healthCheckMaxMs: percentile(sorted, 1),
        ...figures,
      },
      profiles: figures.profile === null ? [] : [figures.profile],
    };
  } finally {
    await topic.stop();
  }
}

/** Asks again and again until the signal aborts; what took longest counts like any other. */
async function probeHealth(
  ask: () => Promise<number>,
  answersMs: number[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    answersMs.push(await ask());
    await sleep(HEALTH_CHECK_EVERY_MS);
  }
}
