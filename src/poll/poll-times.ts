import { retryDelayMs } from '../platform/retry.ts';

/** Room given to each newcomer when many handlers make their first poll: 200 first polls a second. */
const FIRST_POLL_ROOM_MS = 5;

/**
 * How many phases the poll interval has. Polls of one phase begin together, while the processor still has at hand what a
 * poll needs: a thousand groups spread to the millisecond take a fifth more of it.
 */
const PHASES = 60;

/**
 * The phase of a handler, derived from its key alone: a restart keeps it, and handlers spread evenly without knowing of
 * each other. A whole number from 0.
 */
export function phaseOf(key: string): number {
  return Math.floor((hash32(key) / 2 ** 32) * PHASES);
}

/** When a phase is, milliseconds from the beginning of the interval. */
export function phaseStartMs(phase: number, intervalMs: number): number {
  // The middle of each phase, so that none is at the turn of a second: stamps are whole seconds, and timers are not exact.
  return Math.floor(((phase + 0.5) * intervalMs) / PHASES);
}

/**
 * The first instant strictly after `afterMs` that lies in phase. Instants that were missed (a stall, a suspended
 * machine) are skipped, never made up for.
 */
export function nextInPhaseMs(afterMs: number, phaseMs: number, intervalMs: number): number {
  const periods = Math.floor((afterMs - phaseMs) / intervalMs) + 1;
  const next = phaseMs + periods * intervalMs;
  // An interval that is not whole (one divided by a speed) may round down onto afterMs itself.
  return next > afterMs ? next : next + intervalMs;
}

/**
 * When a new handler polls for the first time: at most one interval from now.
 *
 * A large batch of newcomers (interval / 5 ms or more) starts in phase, spread over the whole window. A small one is
 * squeezed into 5 ms for each newcomer, so that someone with three groups sees them at once.
 *
 * @param newcomers how many handlers start together, this one included
 */
export function firstPollAtMs(nowMs: number, phaseMs: number, intervalMs: number, newcomers: number): number {
  const windowMs = newcomers * FIRST_POLL_ROOM_MS;
  if (windowMs >= intervalMs) return nextInPhaseMs(nowMs, phaseMs, intervalMs);
  return nowMs + Math.floor((phaseMs / intervalMs) * windowMs);
}

/** Two polls of one handler are never closer: one second (the resolution of a record's time), less on short intervals. */
export function minSpacingMs(intervalMs: number): number {
  return Math.min(1000, intervalMs / 2);
}

/** Half an interval after the first failure, doubling up to four; half of it random, so that retries do not march in step. */
export function backOffMs(failures: number, intervalMs: number, random: number): number {
  return retryDelayMs(failures, { initialMs: intervalMs / 2, maxMs: intervalMs * 4, jitter: 0.5 }, random);
}

/** The soonest that another poll may begin: `distanceMs` after the beginning of the one before, and not in the past. */
export function soonestMs(nowMs: number, startedAtMs: number, distanceMs: number): number {
  // A beginning in the future: the clock was set back. Polls do not wait until it has caught up.
  return Math.max(nowMs, Math.min(startedAtMs, nowMs) + distanceMs);
}

/**
 * The first instant in phase after both `soonestAtMs` and the instant that the poll was for which has just been made.
 *
 * @param dueAtMs that instant; -Infinity where a poll is only due
 */
export function nextDueMs(soonestAtMs: number, dueAtMs: number, phaseMs: number, intervalMs: number): number {
  // A clock that was slower than the timer has not come to that instant yet. One that was set back is further from it.
  const isEarly = dueAtMs - soonestAtMs < intervalMs / 2;
  const afterMs = isEarly ? Math.max(soonestAtMs, dueAtMs) : soonestAtMs;
  return nextInPhaseMs(afterMs, phaseMs, intervalMs);
}

/** FNV-1a over UTF-16 code units, then murmur3's finalizer: without it keys that share a prefix cluster. */
function hash32(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
