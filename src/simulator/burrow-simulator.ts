import type { Clock } from '../platform/clock.ts';
import { answersFrom, type AnswerSource } from './answer.ts';
import { answerWith, createBurrowHttp, type BurrowHttp } from './burrow-http.ts';
import { createSimulatedWorld } from './simulated-world.ts';

export interface SimulatedAnswersOptions {
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

export interface BurrowSimulatorOptions extends SimulatedAnswersOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/** A Burrow over HTTP on a simulated world, whose stories begin at the moment of this call; see {@link createSimulatedAnswers}. */
export function createBurrowSimulator(clock: Clock, options: BurrowSimulatorOptions = {}): BurrowHttp {
  const { port = 0, host = '127.0.0.1' } = options;
  return createBurrowHttp(answerWith(createSimulatedAnswers(clock, options)), { port, host });
}

/**
 * The answers of a Burrow that watches a simulated world: groups that keep up, lag in bursts, stall, die and return,
 * rebalance, get stuck and rewind. Throws a `RangeError` for an invalid option.
 *
 * @param clock the world's time; it may be set forward by hand, and nothing runs in between
 */
export function createSimulatedAnswers(clock: Clock, options: SimulatedAnswersOptions): AnswerSource {
  const { clusters = ['orders', 'payments'], groups = 8, partitions = 3, seed = 1, speed = 1 } = options;
  if (clusters.length === 0) throw new RangeError('clusters must name at least one cluster');
  requireWholeNumber('groups', groups, 0);
  requireWholeNumber('partitions', partitions, 1);
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed must be above 0, not ${speed}`);
  const startedAtMs = clock.nowMs();
  const worldAt = createSimulatedWorld({ clusters, groups, partitions, seed, speed, startedAtMs });
  return answersFrom(worldAt, clock, seed);
}

function requireWholeNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${name} must be a whole number of at least ${least}, not ${value}`);
}
