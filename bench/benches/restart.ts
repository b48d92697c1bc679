import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  atMost,
  told,
  type Bench,
  type BenchContext,
  type BenchResult,
  type Facts,
  type Finding,
} from '../bench.ts';
import { startBenchTopic } from '../kafka/bench-topic.ts';
import { startStandInTopic } from '../kafka/stand-in-topic.ts';
import type { StandInAsk, StandInCount } from '../load/stand-in-asks.ts';
import type { Child } from '../measure/child.ts';
import { startMeasuredSidecar, type MeasuredSidecar, type Settings } from '../measure/measured-sidecar.ts';
import { median } from '../measure/percentile.ts';
import type { Usage } from '../measure/probe.ts';
import { startStandIn } from '../measure/run-load.ts';

/** What a ledger full of open spans costs the next start. */
export const restart: Bench = {
  name: 'restart',
  work: 'a sidecar is killed with every one of 1,000 groups × 100 partitions lagging, and started again',
  run: measureRestarts,
};

const RESTARTS = 3;
const STEADY_SECONDS = 10;
const BROKERS = 3;
const DEADLINE_MS = 180_000;
/** Seldom enough to cost the sidecar nothing. */
const ASK_EVERY_MS = 20;
/** What the ledger costs a first start is counted over its first minute. */
const FIRST_MINUTE_MS = 60_000;

/** What has gone through a ledger, bytes; null where it is not told. */
interface Traffic {
  readonly writtenBytes: number | null;
  readonly readBytes: number | null;
}

/** Where a ledger is kept. */
interface Place {
  readonly settings: Settings;
  /** To be called before a start; what it returns tells what that start has read and written. */
  watch(): Promise<(usage: Usage) => Promise<Traffic>>;
  stop(): Promise<void>;
}

const PLACES: Readonly<Record<string, () => Promise<Place>>> = {
  'stand-ins': startStandIns,
  kafka: startBroker,
  path: makeFolder,
};

async function startStandIns(): Promise<Place> {
  const topic = await startStandInTopic(BROKERS);
  return {
    settings: topic.settings,
    async watch() {
      const before = await topic.ledgerTraffic();
      return async () => {
        const after = await topic.ledgerTraffic();
        return {
          writtenBytes: after.writtenBytes - before.writtenBytes,
          readBytes: after.readBytes - before.readBytes,
        };
      };
    },
    stop: () => topic.stop(),
  };
}

async function startBroker(): Promise<Place> {
  // By default a broker keeps the first member of a group waiting for 3 s; the tests of this project do without.
  const topic = await startBenchTopic({ properties: { 'group.initial.rebalance.delay.ms': '3000' } });
  return {
    settings: topic.settings,
    watch: () => Promise.resolve(() => Promise.resolve({ writtenBytes: null, readBytes: null })),
    stop: () => topic.stop(),
  };
}

async function makeFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'rainbow-bench-ledger-'));
  const path = join(folder, 'ledger');
  return {
    settings: { 'sink.type': 'stdout', 'ledger.path': path },
    async watch() {
      // A start reads all that is there.
      const files = await readdir(path).catch(() => []);
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(path, file))).size));
      const readBytes = sizes.reduce((sum, size) => sum + size, 0);
      return ({ diskWrittenBytes }) => Promise.resolve({ writtenBytes: diskWrittenBytes, readBytes });
    },
    stop: () => rm(folder, { recursive: true }),
  };
}

async function measureRestarts({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const names = options.ledger === undefined ? Object.keys(PLACES) : [options.ledger];
  const findings: Finding[] = [];
  const facts: Record<string, Facts[string]> = {};
  const profiles: string[] = [];
  for (const name of names) {
    const start = PLACES[name];
    if (start === undefined)
      throw new Error(`--ledger is one of ${Object.keys(PLACES).join(', ')}, not ${name}`);
    progress(`ledger: ${name}`);
    const place = await start();
    try {
      const figures = await measurePlace(place, { options, cli, progress });
      findings.push(...findingsOf(name, figures));
      for (const [fact, value] of Object.entries(factsOf(figures))) facts[`${name} ${fact}`] = value;
      profiles.push(...figures.profiles);
    } finally {
      await place.stop();
    }
  }
  return { bench: 'restart', findings, facts, profiles };
}

/** From the start of a process to its steady state: every group polled, and all that came of it delivered. */
interface StartFigures extends Traffic {
  readonly firstPollSeconds: number;
  readonly steadySeconds: number;
  readonly cpuSeconds: number;
}

interface PlaceFigures {
  readonly first: StartFigures;
  /** CPU of the first start in its first minute. */
  readonly minuteCpuSeconds: number;
  readonly restarts: readonly StartFigures[];
  readonly profiles: readonly string[];
}

async function measurePlace(place: Place, { options, cli, progress }: BenchContext): Promise<PlaceFigures> {
  const load = {
    groups: options.groups ?? 1000,
    partitions: options.partitions ?? 100,
    lagging: 'all',
    commits: options.commits,
  } as const;
  const standIn = startStandIn(load);
  const profiles: string[] = [];
  let sidecar: MeasuredSidecar | null = null;
  try {
    const url = await standIn.ask<string>({ kind: 'url' });
    const start = async (): Promise<StartFigures> => {
      const trafficSince = await place.watch();
      await standIn.ask({ kind: 'begin round' });
      const startedAtMs = performance.now();
      sidecar = await startMeasuredSidecar({
        cli,
        nodeFlags: options.nodeFlags,
        settings: {
          'burrow.servers': url,
          'series.source': 'bench',
          'outbox.memory': '512MB',
          ...(options.interval !== undefined && { 'poll.interval': `${options.interval}s` }),
          ...place.settings,
        },
      });
      if (options.profile) await sidecar.startProfile();
      await until(async () => (await polledGroups(standIn)) > 0);
      const firstPollSeconds = (performance.now() - startedAtMs) / 1000;
      await until(async () => (await polledGroups(standIn)) === load.groups);
      await until(async () => (await sidecar?.counts())?.waitingRecords === 0);
      const steadySeconds = (performance.now() - startedAtMs) / 1000;
      const usage = await sidecar.usage();
      const traffic = await trafficSince(usage);
      return { firstPollSeconds, steadySeconds, cpuSeconds: usage.cpuMicros / 1e6, ...traffic };
    };
    const end = async (): Promise<void> => {
      if (options.profile && sidecar !== null) {
        const file = join(mkdtempSync(join(tmpdir(), 'rainbow-bench-')), 'sidecar.cpuprofile');
        await sidecar.writeProfile(file);
        profiles.push(file);
      }
      await sidecar?.kill();
      sidecar = null;
    };

    progress('first start');
    const startedAtMs = performance.now();
    const first = await start();
    await sleep(startedAtMs + FIRST_MINUTE_MS - performance.now());
    const minuteCpuSeconds = await cpuSecondsOf(sidecar);
    await end();
    const restarts: StartFigures[] = [];
    for (let number = 1; number <= (options.windows ?? RESTARTS); number += 1) {
      progress(`restart ${number}`);
      restarts.push(await start());
      await end();
    }
    return { first, minuteCpuSeconds, restarts, profiles };
  } finally {
    await (sidecar as MeasuredSidecar | null)?.kill();
    await standIn.stop();
  }
}

async function cpuSecondsOf(sidecar: MeasuredSidecar | null): Promise<number> {
  return ((await sidecar?.usage())?.cpuMicros ?? Number.NaN) / 1e6;
}

async function polledGroups(standIn: Child<StandInAsk>): Promise<number> {
  return (await standIn.ask<StandInCount>({ kind: 'count' })).polledGroups;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error('the sidecar does not reach its steady state');
    await sleep(ASK_EVERY_MS);
  }
}

function findingsOf(place: string, { first, minuteCpuSeconds, restarts }: PlaceFigures): Finding[] {
  const of = (kind: keyof StartFigures): number => median(restarts.map((each) => each[kind] ?? Number.NaN));
  const megabytes = (what: string, bytes: number | null): Finding[] =>
    bytes === null || Number.isNaN(bytes) ? [] : [told(`${place}: ${what}`, bytes / 1e6, 'MB')];
  return [
    atMost(`${place}: restart to steady state, median`, of('steadySeconds'), STEADY_SECONDS, 's'),
    told(`${place}: slowest`, Math.max(...restarts.map(({ steadySeconds }) => steadySeconds)), 's'),
    told(`${place}: restart to the first poll`, of('firstPollSeconds'), 's'),
    told(`${place}: CPU of a restart to steady state`, of('cpuSeconds'), 's'),
    ...megabytes('read from the ledger by a restart', of('readBytes')),
    ...megabytes('written to the ledger by a restart', of('writtenBytes')),
    told(`${place}: first start to steady state`, first.steadySeconds, 's'),
    told(`${place}: CPU of the first minute`, minuteCpuSeconds, 's'),
    ...megabytes('written to the ledger by the first start', first.writtenBytes),
  ];
}

function factsOf({ first, minuteCpuSeconds, restarts }: PlaceFigures): Facts {
  const of = (kind: keyof StartFigures): number => median(restarts.map((each) => each[kind] ?? Number.NaN));
  return {
    steadySeconds: of('steadySeconds'),
    firstPollSeconds: of('firstPollSeconds'),
    cpuSeconds: of('cpuSeconds'),
    readBytes: of('readBytes'),
    writtenBytes: of('writtenBytes'),
    firstSteadySeconds: first.steadySeconds,
    firstCpuSeconds: first.cpuSeconds,
    minuteCpuSeconds,
    firstWrittenBytes: first.writtenBytes,
  };
}
