import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LoadOptions } from '../load/load-options.ts';
import type { StandInAsk, StandInCount } from '../load/stand-in-asks.ts';
import { startChild, TYPESCRIPT, type Child } from './child.ts';
import { startMeasuredSidecar, type MeasuredSidecar, type Settings } from './measured-sidecar.ts';
import { median } from './percentile.ts';

/** One stand-in, one sidecar, and how long to look at them. */
export interface LoadRun {
  readonly cli: string;
  readonly load: LoadOptions;
  readonly intervalSeconds: number;
  /** How many times as fast time runs for the sidecar, the interval included. Default 1. */
  readonly timeSpeed?: number;
  /** Counted from the first poll of a group; it lasts at least until there have been `warmUpPolls` for each. */
  readonly warmUpSeconds: number;
  /** Default 2: the second poll is the first that can tell of a change. */
  readonly warmUpPolls?: number;
  readonly windows: number;
  readonly windowSeconds: number;
  readonly settings: Settings;
  readonly nodeFlags: readonly string[];
  /** Write a CPU profile of the windows. */
  readonly profile: boolean;
  /** Called when the warm-up is over; what it returns is called at the end of the last window. */
  readonly watch?: (sidecar: MeasuredSidecar, standIn: Child<StandInAsk>) => Promise<() => Promise<void>>;
}

export interface LoadFigures {
  /** User and system time of the sidecar's process for each partition polled: median of the windows. */
  readonly microsAPartition: number;
  readonly leastMicrosAPartition: number;
  readonly mostMicrosAPartition: number;
  /** Of one core, over all windows. */
  readonly corePercent: number;
  /** The main thread's part of it; NaN where the system does not tell. */
  readonly mainThreadPercent: number;
  readonly partitionsASecond: number;
  readonly recordsAPartition: number;
  /** Records acknowledged for each second of the sidecar's CPU time. */
  readonly recordsACpuSecond: number;
  /** What must be 0 for the figures to mean anything; of the windows only. */
  readonly droppedRecords: number;
  readonly failedPolls: number;
  readonly waitingRecords: number;
  /** The most since the start of the process, and at the end of the windows. */
  readonly maxRssMegabytes: number;
  readonly rssMegabytes: number;
  /** CPU of the stand-in: near 100 it would be what limits. */
  readonly standInCorePercent: number;
  readonly profile: string | null;
}

const STAND_IN = fileURLToPath(new URL('../load/stand-in.ts', import.meta.url));
const FIRST_POLL_MS = 60_000;
/** However slow, this long after the first poll there have been enough of them for each group. */
const WARM_UP_MS = 600_000;

export function startStandIn(load: LoadOptions): Child<StandInAsk> {
  return startChild<StandInAsk>({ args: [...TYPESCRIPT, STAND_IN, JSON.stringify(load)] });
}

/** Runs the sidecar against the stand-in and measures it. Rejects when either of them ends early. */
export async function runLoad(run: LoadRun): Promise<LoadFigures> {
  const standIn = startStandIn(run.load);
  let sidecar: MeasuredSidecar | null = null;
  try {
    sidecar = await startMeasuredSidecar({
      cli: run.cli,
      nodeFlags: run.nodeFlags,
      timeSpeed: run.timeSpeed ?? 1,
      settings: {
        'burrow.servers': await standIn.ask<string>({ kind: 'url' }),
        'poll.interval': `${run.intervalSeconds * (run.timeSpeed ?? 1) * 1000}ms`,
        'series.source': 'bench',
        ...run.settings,
      },
    });
    return await measure(run, standIn, sidecar);
  } finally {
    await sidecar?.stop();
    await standIn.stop();
  }
}

interface Window {
  readonly polls: number;
  readonly cpuMicros: number;
  readonly mainThreadMicros: number;
  readonly seconds: number;
  readonly standInCpuMicros: number;
}

async function measure(
  run: LoadRun,
  standIn: Child<StandInAsk>,
  sidecar: MeasuredSidecar,
): Promise<LoadFigures> {
  const { partitions } = run.load;
  await polled(standIn, 1, FIRST_POLL_MS);
  await sleep(run.warmUpSeconds * 1000);
  await polled(standIn, (run.warmUpPolls ?? 2) * run.load.groups, WARM_UP_MS);
  const countsBefore = await sidecar.counts();
  const endWatch = await run.watch?.(sidecar, standIn);
  if (run.profile) await sidecar.startProfile();
  const windows: Window[] = [];
  for (let window = 0; window < run.windows; window += 1) {
    windows.push(await measureWindow(run.windowSeconds, standIn, sidecar));
  }
  await endWatch?.();
  let profile: string | null = null;
  if (run.profile) {
    profile = join(mkdtempSync(join(tmpdir(), 'rainbow-bench-')), 'sidecar.cpuprofile');
    await sidecar.writeProfile(profile);
  }
  const countsAfter = await sidecar.counts();
  const { maxRssBytes, rssBytes } = await sidecar.usage();

  const samples = countsAfter.samples - countsBefore.samples;
  const records = countsAfter.acknowledgedRecords - countsBefore.acknowledgedRecords;
  const recordsASample = records / samples;
  const polls = sum(windows.map((window) => window.polls));
  const seconds = sum(windows.map((window) => window.seconds));
  const cpuMicros = sum(windows.map((window) => window.cpuMicros));
  const costs = windows.map((window) => window.cpuMicros / (window.polls * partitions));
  return {
    microsAPartition: median(costs),
    leastMicrosAPartition: Math.min(...costs),
    mostMicrosAPartition: Math.max(...costs),
    corePercent: cpuMicros / seconds / 10_000,
    mainThreadPercent: sum(windows.map((window) => window.mainThreadMicros)) / seconds / 10_000,
    partitionsASecond: (polls * partitions) / seconds,
    recordsAPartition: recordsASample / partitions,
    recordsACpuSecond: recordsASample / ((median(costs) * partitions) / 1e6),
    droppedRecords: countsAfter.droppedRecords - countsBefore.droppedRecords,
    failedPolls: countsAfter.failedPolls - countsBefore.failedPolls,
    waitingRecords: countsAfter.waitingRecords,
    maxRssMegabytes: maxRssBytes / 1e6,
    rssMegabytes: rssBytes / 1e6,
    standInCorePercent: sum(windows.map((window) => window.standInCpuMicros)) / seconds / 10_000,
    profile,
  };
}

/** Waits until the stand-in has answered so many polls. */
async function polled(standIn: Child<StandInAsk>, polls: number, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while ((await standIn.ask<StandInCount>({ kind: 'count' })).polls < polls) {
    if (performance.now() > deadlineMs) throw new Error(`the sidecar has not polled ${polls} times`);
    await sleep(50);
  }
}

async function measureWindow(
  seconds: number,
  standIn: Child<StandInAsk>,
  sidecar: MeasuredSidecar,
): Promise<Window> {
  const look = () => Promise.all([standIn.ask<StandInCount>({ kind: 'count' }), sidecar.usage()]);
  const [countBefore, before] = await look();
  await sleep(seconds * 1000);
  const [countAfter, after] = await look();
  return {
    polls: countAfter.polls - countBefore.polls,
    cpuMicros: after.cpuMicros - before.cpuMicros,
    mainThreadMicros: after.mainThreadMicros - before.mainThreadMicros,
    seconds: (after.atMs - before.atMs) / 1000,
    standInCpuMicros: countAfter.cpuMicros - countBefore.cpuMicros,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
