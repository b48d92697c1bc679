/**
 * Loaded into the measured process before its own first module; tells the runner what the process uses. It does
 * nothing unless asked. Imports nothing of this project at run time, because it is stripped of its types on its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { AskMessage } from './child-end.ts';

/**
 * How many times as fast time runs for the measured process. Stamps are whole seconds, and of two samples within one
 * the second is left out: only with time that flies can every poll count that is a fraction of a second after another.
 */
const speed = Number(process.env['BENCH_TIME_SPEED'] ?? 1);

if (speed !== 1) {
  const { now } = Date;
  const { setTimeout: wait } = globalThis;
  const startMs = now();
  Date.now = () => Math.floor(startMs + (now() - startMs) * speed);
  globalThis.setTimeout = Object.assign(
    (run: (...passed: unknown[]) => void, delayMs = 0, ...passed: unknown[]) =>
      wait(run, delayMs / speed, ...passed),
    wait,
  );
}

/** What the runner may ask of the measured process. */
export type ProbeAsk =
  | { readonly kind: 'usage' | 'watch event loop' | 'event loop' | 'start profile' }
  | { readonly kind: 'write profile'; readonly path: string };

export interface Usage {
  /** User and system time of the whole process since its start. */
  readonly cpuMicros: number;
  /** That of the main thread; the rest is compression and collecting garbage. NaN where the system does not tell. */
  readonly mainThreadMicros: number;
  /** A clock that never goes back. */
  readonly atMs: number;
  readonly rssBytes: number;
  readonly maxRssBytes: number;
  readonly heapUsedBytes: number;
  /** What it has written to files on disks; NaN where the system does not tell. */
  readonly diskWrittenBytes: number;
}

export interface EventLoopDelay {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const EVENT_LOOP_RESOLUTION_MS = 10;
const PROFILE_INTERVAL_MICROS = 500;

let delays: IntervalHistogram | null = null;
let session: Session | null = null;

async function answer(ask: ProbeAsk): Promise<unknown> {
  switch (ask.kind) {
    case 'usage':
      return usage();
    case 'watch event loop':
      delays = monitorEventLoopDelay({ resolution: EVENT_LOOP_RESOLUTION_MS });
      delays.enable();
      return null;
    case 'event loop':
      return delays === null ? null : eventLoopDelay(delays);
    case 'start profile': {
      // Not before it is wanted: memory is measured too.
      const inspector = await import('node:inspector/promises');
      session = new inspector.Session();
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: PROFILE_INTERVAL_MICROS });
      await session.post('Profiler.start');
      return null;
    }
    case 'write profile': {
      if (session === null) return null;
      const { profile } = await session.post('Profiler.stop');
      writeFileSync(ask.path, JSON.stringify(profile));
      session.disconnect();
      return null;
    }
  }
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpuMicros: user + system,
    mainThreadMicros: mainThreadMicros(),
    atMs: performance.now(),
    rssBytes: rss,
    maxRssBytes: process.resourceUsage().maxRSS * 1024,
    heapUsedBytes: heapUsed,
    diskWrittenBytes: diskWrittenBytes(),
  };
}

/** Linux keeps nanoseconds for each thread; the main one has the number of the process. */
function mainThreadMicros(): number {
  try {
    return Number.parseInt(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1'), 10) / 1000;
  } catch {
    return Number.NaN;
  }
}

function diskWrittenBytes(): number {
  try {
    return Number(/^write_bytes: (\d+)$/mu.exec(readFileSync('/proc/self/io', 'latin1'))?.[1]);
  } catch {
    return Number.NaN;
  }
}

/** What the monitor sees is the time between two of its ticks, the tick itself included. */
function eventLoopDelay(histogram: IntervalHistogram): EventLoopDelay {
  const delayMs = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - EVENT_LOOP_RESOLUTION_MS);
  return {
    p50Ms: delayMs(histogram.percentile(50)),
    p99Ms: delayMs(histogram.percentile(99)),
    maxMs: delayMs(histogram.max),
  };
}

process.on('message', (message) => {
  const { number, ask } = message as AskMessage;
  answer(ask as ProbeAsk).then(
    (answered) => process.send?.({ number, answer: answered }),
    (error: unknown) => process.send?.({ number, error: String(error) }),
  );
});
// A runner that has gone takes the measured process with it.
process.on('disconnect', () => process.exit());
