/** Room given to each newcomer when many handlers make their first poll: 100 first polls a second. */
const FIRST_POLL_ROOM_MS = 10;

/**
 * In how many places of the poll window polls begin. Those of one place follow each other at once, while the processor
 * still has at hand what a poll needs: a thousand groups spread to the millisecond take a fifth more of it.
 */
const PLACES = 60;

/**
 * The offset of a handler in the poll window, 0 to `intervalMs` (exclusive), derived from its key alone: a restart
 * keeps it, and handlers spread evenly without knowing of each other.
 */
export function phaseMs(key: string, intervalMs: number): number {
  const place = Math.floor((hash32(key) / 2 ** 32) * PLACES);
  // The middle of each place, so that none is at the turn of a second: stamps are whole seconds, and timers are not exact.
  return Math.floor(((place + 0.5) * intervalMs) / PLACES);
}

/**
 * The first instant strictly after `afterMs` that lies in phase. Instants that were missed (a stall, a suspended
 * machine) are skipped, never made up for.
 */
export function nextInPhaseMs(afterMs: number, phase: number, intervalMs: number): number {
  const periods = Math.floor((afterMs - phase) / intervalMs) + 1;
  const next = phase + periods * intervalMs;
  // An interval that is not whole (one divided by a speed) may round down onto afterMs itself.
  return next > afterMs ? next : next + intervalMs;
}

/**
 * When a new handler polls for the first time: at most one interval from now.
 *
 * A large batch of newcomers (interval / 10 ms or more) starts in phase, spread over the whole window. A small one is
 * squeezed into 10 ms for each newcomer, so that whoever watches three groups sees them at once.
 *
 * @param newcomers how many handlers start together, this one included
 */
export function firstPollAtMs(nowMs: number, phase: number, intervalMs: number, newcomers: number): number {
  const windowMs = newcomers * FIRST_POLL_ROOM_MS;
  if (windowMs >= intervalMs) return nextInPhaseMs(nowMs, phase, intervalMs);
  return nowMs + Math.floor((phase / intervalMs) * windowMs);
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
