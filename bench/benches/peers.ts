import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTelegraf } from '../../test/stack/telegraf.ts';
import { atLeast, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startBenchTopic } from '../kafka/bench-topic.ts';
import type { LoadOptions } from '../load/load-options.ts';
import type { StandInAsk, StandInCount } from '../load/stand-in-asks.ts';
import type { Child } from '../measure/child.ts';
import { cpuMicrosOf, rssBytesOf } from '../measure/other-process.ts';
import { median } from '../measure/percentile.ts';
import { runLoad, startStandIn, type LoadFigures } from '../measure/run-load.ts';
import { troubles } from './polling.ts';

/** The sidecar beside Telegraf, which reads the same Burrow and writes to the same Kafka, in turns. */
export const peers: Bench = {
  name: 'peers',
  work: '1,000 groups × 100 partitions, all lagging and committing, every 30 s, into a real Kafka 4: sidecar and Telegraf',
  run: measurePeers,
};

/** Telegraf's CPU time for a partition is to be so many times ours. */
const TIMES_LESS = 3;
const INTERVAL_SECONDS = 30;
const TURNS = 2;
/** Telegraf sends what it has gathered every ten seconds. */
const FLUSH_SECONDS = 10;
const TELEGRAF_TOPIC = 'telegraf';

async function measurePeers({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const load: LoadOptions = {
    groups: options.groups ?? 1000,
    partitions: options.partitions ?? 100,
    lagging: 'all',
    commits: 'moving',
  };
  const intervalSeconds = options.interval ?? INTERVAL_SECONDS;
  const windowSeconds = options.seconds ?? 2 * intervalSeconds;
  progress('building Telegraf, where that has not been done yet');
  const telegraf = await findTelegraf();
  progress('starting Kafka');
  const topic = await startBenchTopic({ others: [TELEGRAF_TOPIC] });
  const ours: LoadFigures[] = [];
  const theirs: TelegrafFigures[] = [];
  try {
    for (let turn = 1; turn <= (options.windows ?? TURNS); turn += 1) {
      progress(`turn ${turn}: sidecar`);
      ours.push(
        await runLoad({
          cli,
          nodeFlags: options.nodeFlags,
          load,
          intervalSeconds,
          // The second round of polls is the first with consumption rates.
          warmUpSeconds: options.warmUp ?? 2.2 * intervalSeconds,
          windows: 1,
          windowSeconds,
          settings: { ...topic.settings, ...options.settings },
          profile: options.profile,
        }),
      );
      progress(`turn ${turn}: Telegraf`);
      theirs.push(
        await runTelegraf({ telegraf, load, intervalSeconds, windowSeconds, brokers: topic.brokers }),
      );
    }
  } finally {
    await topic.stop();
  }
  const micros = median(ours.map(({ microsAPartition }) => microsAPartition));
  const telegrafMicros = median(theirs.map(({ microsAPartition }) => microsAPartition));
  return {
    bench: 'peers',
    findings: [
      atLeast(
        'CPU of Telegraf for a partition, by that of the sidecar',
        telegrafMicros / micros,
        TIMES_LESS,
        '×',
      ),
      told('CPU of the sidecar for a partition', micros, 'µs'),
      told('CPU of Telegraf for a partition', telegrafMicros, 'µs'),
      told('records of the sidecar for a partition', ours.at(-1)?.recordsAPartition ?? Number.NaN, ''),
      told('memory of the sidecar', Math.max(...ours.map(({ rssMegabytes }) => rssMegabytes)), 'MB'),
      told('memory of Telegraf', Math.max(...theirs.map(({ rssMegabytes }) => rssMegabytes)), 'MB'),
      ...ours.flatMap(troubles),
    ],
    facts: {
      ratio: telegrafMicros / micros,
      microsAPartition: micros,
      telegrafMicrosAPartition: telegrafMicros,
      turns: ours.length,
    },
    profiles: ours.flatMap(({ profile }) => (profile === null ? [] : [profile])),
  };
}

interface TelegrafRun {
  readonly telegraf: string;
  readonly load: LoadOptions;
  readonly intervalSeconds: number;
  readonly windowSeconds: number;
  readonly brokers: readonly string[];
}

interface TelegrafFigures {
  readonly microsAPartition: number;
  readonly rssMegabytes: number;
}

/** Runs Telegraf against a stand-in of its own; rejects when it ends early. */
async function runTelegraf(run: TelegrafRun): Promise<TelegrafFigures> {
  const standIn = startStandIn(run.load);
  let process: ChildProcess | null = null;
  try {
    process = startTelegraf(run, await standIn.ask<string>({ kind: 'url' }));
    const { pid } = process;
    if (pid === undefined) throw new Error(`${run.telegraf} could not be started`);
    const count = (): Promise<StandInCount> => standIn.ask<StandInCount>({ kind: 'count' });
    await gathered(standIn, process, 1, run);
    // What has just been gathered is sent before the window begins, and so in the window what was gathered in it.
    await sleep(1.2 * FLUSH_SECONDS * 1000);
    const before = { polls: (await count()).polls, cpuMicros: cpuMicrosOf(pid) };
    const rounds = Math.max(1, Math.round(run.windowSeconds / run.intervalSeconds));
    await gathered(standIn, process, 1 + rounds, run);
    await sleep(1.2 * FLUSH_SECONDS * 1000);
    const polls = (await count()).polls - before.polls;
    return {
      microsAPartition: (cpuMicrosOf(pid) - before.cpuMicros) / (polls * run.load.partitions),
      rssMegabytes: rssBytesOf(pid) / 1e6,
    };
  } finally {
    if (process?.exitCode === null && process.signalCode === null) {
      const ended = once(process, 'exit');
      process.kill('SIGKILL');
      await ended;
    }
    await standIn.stop();
  }
}

/** Waits until every group has been asked for so often. */
async function gathered(
  standIn: Child<StandInAsk>,
  telegraf: ChildProcess,
  rounds: number,
  { load, intervalSeconds }: TelegrafRun,
): Promise<void> {
  const deadlineMs = performance.now() + (rounds + 2) * intervalSeconds * 1000;
  while ((await standIn.ask<StandInCount>({ kind: 'count' })).polls < rounds * load.groups) {
    if (telegraf.exitCode !== null || performance.now() > deadlineMs) {
      throw new Error(`Telegraf has not asked ${rounds} times for each group; its log tells why`);
    }
    await sleep(50);
  }
}

/** As its documentation sets it up, with room for what one round gathers, and batches that suit the number of series. */
function startTelegraf({ telegraf, intervalSeconds, brokers }: TelegrafRun, burrowUrl: string): ChildProcess {
  const file = join(mkdtempSync(join(tmpdir(), 'rainbow-bench-')), 'telegraf.conf');
  writeFileSync(
    file,
    `
[agent]
  interval = "${intervalSeconds}s"
  flush_interval = "${FLUSH_SECONDS}s"
  round_interval = false
  metric_batch_size = 5000
  metric_buffer_limit = 1000000
  quiet = true
[[inputs.burrow]]
  servers = ["${burrowUrl}"]
[[outputs.kafka]]
  brokers = [${brokers.map((broker) => `"${broker}"`).join(', ')}]
  topic = "${TELEGRAF_TOPIC}"
  version = "2.6.0" # Kafka 4 refuses what Telegraf asks for by default.
  compression_codec = 1
  required_acks = -1
  data_format = "wavefront"
`,
  );
  return spawn(telegraf, ['--config', file, '--strict-env-handling'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
