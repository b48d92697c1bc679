import { Writable } from 'node:stream';

import { pino } from 'pino';

import { FOLLOWED_KINDS, type FollowedKinds } from '../../src/poll/followed-kinds.ts';
import type { UrlMaintainerOptions } from '../../src/poll/maintainer-options.ts';
import { createUrlMaintainer } from '../../src/poll/url-maintainer.ts';
import type { GroupState } from '../../src/telemetry/group-state.ts';
import { createTrafficCounters } from '../../src/telemetry/traffic-counters.ts';
import { createSimulatedTime } from '../support/simulated-time.ts';
import { createFakeBurrow } from './fake-burrow.ts';
import { recordHandlers } from './recorded-handlers.ts';
import { createRecordedSeries } from './recorded-series.ts';

export const POLL_MS = 30_000;
export const DISCOVERY_MS = 60_000;
const EVERYTHING = { allow: /.*/, deny: null };

/** A line of the log, parsed. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [fact: string]: unknown;
}

/** A maintainer on simulated time with as many fake Burrows as are named. */
export function createHarness(
  options: Partial<UrlMaintainerOptions> & {
    readonly servers?: readonly string[];
    readonly random?: number;
    readonly kinds?: FollowedKinds;
  } = {},
) {
  const { servers = ['burrow'], random = 0.5, kinds = FOLLOWED_KINDS, ...over } = options;
  const time = createSimulatedTime();
  const startMs = time.clock.nowMs();
  const burrows = servers.map((name) => createFakeBurrow(name));
  const series = createRecordedSeries();
  const traffic = createTrafficCounters();
  const lines: LogLine[] = [];
  const emitted: string[] = [];
  const board = new Map<string, GroupState>();
  const log = pino(
    { level: 'debug' },
    new Writable({
      write(chunk: Buffer, _, done) {
        lines.push(JSON.parse(chunk.toString()) as LogLine);
        done();
      },
    }),
  );
  const recorded = recordHandlers(kinds);
  const maintainer = createUrlMaintainer(
    {
      clients: burrows,
      isAddressable: (name) => !name.includes('/'),
      showTag: (_, name) => name.replace(/\n/g, '_'),
      series,
      emit: ({ key }) => void emitted.push(key),
      board: {
        observe: (state) => void board.set(`${state.cluster}/${state.group}`, state),
        forget: (cluster, group) => void board.delete(`${cluster}/${group}`),
      },
      traffic,
      clock: time.clock,
      scheduler: time.scheduler,
      monotonicMs: time.monotonicMs,
      random: () => random,
      log,
    },
    {
      concurrency: 20,
      discoveryIntervalMs: DISCOVERY_MS,
      pollIntervalMs: POLL_MS,
      clusters: EVERYTHING,
      groups: EVERYTHING,
      topics: EVERYTHING,
      deadAfter: 3,
      maxGroups: 100_000,
      sleep: null,
      ...over,
    },
    recorded.kinds,
  );
  const never = new AbortController().signal;
  /** How polling fares, seen from outside. */
  const snapshot = () => {
    const clusters = maintainer.clusters();
    const { polling, unknown, backingOff } = recorded.states();
    const inFlightRequests = burrows.reduce((sum, { load }) => sum + load.now, 0);
    return {
      clusters: clusters.length,
      groups: clusters.reduce((sum, { followed }) => sum + (followed['groups'] ?? 0), 0),
      topics: clusters.reduce((sum, { followed }) => sum + (followed['topics'] ?? 0), 0),
      servers: maintainer.servers(),
      unknown,
      backingOff,
      waitingRequests: polling - inFlightRequests,
      inFlightRequests,
    };
  };

  return {
    time,
    burrow: burrows[0]!,
    burrows,
    series,
    traffic,
    emitted,
    board,
    maintainer: { ...maintainer, snapshot },
    never,
    /** Lines of level info and above. */
    said: () => lines.filter(({ level }) => level >= 30),
    samplesOf: (key: string) =>
      series.calls.filter((call) => call.key === key && call.call === 'take').length,
    ended: () => series.calls.filter(({ call }) => call === 'gone').map(({ key }) => key),
    /** Starts and waits until discoveries come at their full interval and the next is about to begin. */
    startSettled: async (): Promise<void> => {
      if (time.clock.nowMs() === startMs) await maintainer.start(never);
      await time.advance(63_000 + DISCOVERY_MS - 1);
      series.calls.length = 0;
      lines.length = 0;
    },
    /** Through the next `rounds` discoveries, just after the last of them. */
    discover: async (rounds = 1): Promise<void> => {
      await time.advance(rounds * DISCOVERY_MS);
    },
  };
}
