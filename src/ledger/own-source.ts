import type { Logger } from 'pino';
import { sleep, type Clock, type Scheduler } from '../platform/clock.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import { createFaultLog } from '../platform/fault-log.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { Ledger, LedgerContents } from './ledger.ts';
import { readLedgerKey, writeBeatKey, writeEndedKey } from './ledger-key.ts';
import {
  BEATS_OF_SILENCE,
  afterLastRecordSeconds,
  FORGOTTEN_MS,
  readClaim,
  writeSign,
} from './life-signs.ts';

export interface OwnSourceDeps {
  readonly ledger: Ledger;
  /**
   * Another source has taken this one for dead and has ended its series.
   *
   * @param timestampSeconds stamp of the zeroes that end them
   * @param isOpen whether what is open under a key of the ledger was not ended
   */
  readonly onEnded: (timestampSeconds: number, isOpen: (key: string) => boolean) => void;
  /** Has all that is open entered again, since the ledger may lack it. */
  readonly enterAgain: () => void;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

export interface OwnSourceOptions {
  readonly source: string;
  /** Names this process in signs and claims. */
  readonly processId: string;
  readonly beatMs: number;
}

/**
 * Gives the signs of life of this source, and finds out after a long silence whether another source has ended its
 * series.
 */
export interface OwnSource {
  /** See `SourceWatch`. */
  settle(contents: LedgerContents): Promise<LedgerContents>;
  /** Begins to notice when the process stands still. */
  start(): void;
  stop(): void;
  /** Removes a claim to the spans of a former process. */
  removeClaim(): Promise<void>;
  /** Resolves when the sign is safe, and it is known whether others had taken this source for dead. */
  giveSign(): Promise<void>;
  /** See `SourceWatch`. */
  confirm(signal: AbortSignal): Promise<void>;
  /** See `SourceWatch`. */
  isUnsure(): boolean;
  /** See `SourceWatch`. */
  condition(): Condition;
}

/** How long to wait for another source to end the spans that it has claimed. */
const ENDING_MS = 30_000;
const ENDING_POLL_MS = 2000;
/** How long records wait for the answer to whether another source has ended their series. */
const CONFIRM_MS = 40_000;
/** Another process under our source is gone after so many of our signs without one of its own. */
const QUIET_BEATS = 3;
const RIVALS = {
  began:
    'Another process uses the same series.source: their records mix in the same series. Give each sidecar a series.source of its own, or run one of them',
  ended: 'No other process uses the same series.source any more',
};

/** @param life aborts all that is under way; to be aborted with `stop` */
export function createOwnSource(
  deps: OwnSourceDeps,
  { source, processId, beatMs }: OwnSourceOptions,
  life: AbortSignal,
): OwnSource {
  const { ledger, clock, scheduler, log } = deps;
  const beatKey = writeBeatKey(source);
  const endedKey = writeEndedKey(source);
  const silenceMs = BEATS_OF_SILENCE * beatMs;
  const rivals = createFaultLog(deps, RIVALS);
  let isRunning = false;
  /** Since when another process uses this source; null: none does. */
  let contestedAtMs: number | null = null;
  let uncontestedAtMs = clock.nowMs();
  let quietBeats = 0;
  let beat = 0;
  /** When the newest sign was given that others can have seen. */
  let signedAtMs = Infinity;
  /** When the process was seen to run. */
  let ranAtMs = Infinity;
  /** When it had stood still for long and went on; null once it is known what others have made of that. */
  let wokenAtMs: number | null = null;
  let cancelTick: () => void = () => undefined;
  /** Present while it is found out what others have made of a long silence. */
  let confirming: Promise<void> | null = null;

  /** Gives the time of the sign, once it is there. */
  async function writeNextSign(): Promise<number> {
    beat += 1;
    const atMs = clock.nowMs();
    const value = writeSign({ processId, beat, atSeconds: Math.floor(atMs / 1000) });
    noteRival((await ledger.beat(beatKey, value, life)).isContested);
    return atMs;
  }

  function noteRival(isContested: boolean): void {
    quietBeats = isContested ? 0 : quietBeats + 1;
    if (isContested) {
      contestedAtMs ??= clock.nowMs();
      rivals.failed(source, { source });
      return;
    }
    rivals.succeeded(source);
    if (quietBeats >= QUIET_BEATS) {
      if (contestedAtMs !== null) uncontestedAtMs = clock.nowMs();
      contestedAtMs = null;
      rivals.recovered(source);
    }
  }

  /** While the ledger is away no sign gets through, but the process runs all the same. */
  function noteRunning(): void {
    const nowMs = clock.nowMs();
    if (nowMs - ranAtMs > silenceMs) wokenAtMs = nowMs;
    ranAtMs = nowMs;
  }

  function tick(): void {
    noteRunning();
    cancelTick = scheduler.after(beatMs, tick);
  }

  function isLate(): boolean {
    return clock.nowMs() - signedAtMs > silenceMs;
  }

  function isUnsure(): boolean {
    if (!isRunning) return false;
    noteRunning();
    return wokenAtMs !== null && ranAtMs - wokenAtMs < CONFIRM_MS;
  }

  function findOut(): Promise<void> {
    confirming ??= confirmLife().finally(() => (confirming = null));
    return confirming;
  }

  /** After a long silence: finds out whether another source has ended our series. */
  async function confirmLife(): Promise<void> {
    const signedBeforeMs = signedAtMs;
    const silentMs = clock.nowMs() - signedBeforeMs;
    const givenAtMs = await writeNextSign();
    let contents = await ledger.readKeys(life);
    const isOpen = (key: string): boolean => contents.entries.has(key);
    const claim = readClaim(contents.entries.get(endedKey));
    if (claim !== null && claim.by !== processId) {
      contents = await awaitEnds(contents);
      log.warn(
        { source, silentSeconds: logSeconds(silentMs), by: claim.source },
        'Another source has taken this one for dead and has ended its series: they begin anew',
      );
      deps.onEnded(claim.atSeconds, isOpen);
      await removeClaim();
    } else if (silentMs > FORGOTTEN_MS / 2) {
      // A claim may have been written and removed again. A source that ends series removes their entries, too.
      deps.onEnded(afterLastRecordSeconds(Math.floor(signedBeforeMs / 1000), beatMs), isOpen);
    }
    deps.enterAgain();
    signedAtMs = givenAtMs;
    wokenAtMs = null;
  }

  async function removeClaim(): Promise<void> {
    await ledger.write(new Map([[endedKey, null]]), life);
  }

  /** Waits for another source to have ended what it has claimed, but not for ever: it may have died meanwhile. */
  async function awaitEnds(found: LedgerContents): Promise<LedgerContents> {
    let contents = found;
    for (let waitedMs = 0; isAnyOpen(contents) && waitedMs < ENDING_MS; waitedMs += ENDING_POLL_MS) {
      await sleep(scheduler, ENDING_POLL_MS, life);
      contents = await ledger.readKeys(life);
    }
    return contents;
  }

  function isAnyOpen({ entries }: LedgerContents): boolean {
    for (const key of entries.keys()) {
      const read = readLedgerKey(key);
      if (read?.holds === 'entry' && read.owner.source === source) return true;
    }
    return false;
  }

  return {
    async settle(contents) {
      if (!contents.entries.has(endedKey) || !isAnyOpen(contents)) return contents;
      await awaitEnds(contents);
      return ledger.read(life, () => undefined);
    },
    start() {
      isRunning = true;
      tick();
    },
    stop: () => cancelTick(),
    removeClaim,
    async giveSign() {
      const givenAtMs = await writeNextSign();
      if (isLate()) await findOut();
      else signedAtMs = givenAtMs;
    },
    async confirm(signal) {
      if (!isRunning || life.aborted || (confirming === null && !isLate())) return;
      // Where the ledger is away, records go on without it. But connections suffer while a process stands still, too.
      if (!isUnsure() && ledger.condition().state !== 'ok') return;
      const patience = new AbortController();
      const waited = sleep(scheduler, CONFIRM_MS, AbortSignal.any([signal, patience.signal]));
      await Promise.race([findOut().catch(() => undefined), waited]).finally(() => patience.abort());
      waited.catch(() => undefined);
      signal.throwIfAborted();
    },
    isUnsure,
    condition() {
      if (contestedAtMs === null) return { state: 'ok', sinceMs: uncontestedAtMs };
      const reason =
        `another process uses series.source ${source}, too, so that their records mix in the same series: ` +
        'give each sidecar a series.source of its own, or run one of them';
      return { state: 'faulty', reason, sinceMs: contestedAtMs };
    },
  };
}
