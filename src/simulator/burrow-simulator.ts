import { type Clock, type Scheduler, systemScheduler } from '../platform/clock.ts';
import { type BurrowHttp, createBurrowHttp } from './burrow-http.ts';
import { createSimulatedWorld } from './simulated-world.ts';
import { answersFrom } from './world-answers.ts';

export interface BurrowSimulatorDeps {
  /** The world's time; it may be set forward by hand, and nothing runs in between. */
  readonly clock: Clock;
  /** Only for answers that a fault delays. Default: the system's. */
  readonly scheduler?: Scheduler;
}

export interface BurrowSimulatorOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** At least one name. Default orders and payments. */
  readonly clusters?: readonly string[];
  /** Groups over all clusters. Default 8, which shows every story once. */
  readonly groups?: number;
  /** Partitions of every topic. Default 3. */
  readonly partitions?: number;
  /** Default 1. The same seed, start and time give the same offsets; only the order of lists differs. */
  readonly seed?: number;
  /** Seconds of the world in one second of the clock, more than 0. Default 1. */
  readonly speed?: number;
}

/**
 * A Burrow over HTTP that watches a made-up world: groups that keep up, lag in bursts, stall, die and return,
 * rebalance, get stuck and rewind. The world's stories begin at the moment of this call.
 * Throws a `RangeError` for an option that makes no sense.
 */
export function createBurrowSimulator(
  deps: BurrowSimulatorDeps,
  options: BurrowSimulatorOptions = {},
): BurrowHttp {
  const { port = 0, host = '127.0.0.1', clusters = ['orders', 'payments'] } = options;
  const { groups = 8, partitions = 3, seed = 1, speed = 1 } = options;
  if (clusters.length === 0) throw new RangeError('clusters must name at least one cluster');
  requireWholeNumber('groups', groups, 0);
  requireWholeNumber('partitions', partitions, 1);
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed must be above 0, not ${speed}`);

  const startedAtMs = deps.clock.nowMs();
  const worldAt = createSimulatedWorld({ clusters, groups, partitions, seed, speed, startedAtMs });
  return createBurrowHttp(
    { scheduler: deps.scheduler ?? systemScheduler, answer: answersFrom(worldAt, deps.clock, seed) },
    { port, host },
  );
}

function requireWholeNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
}
