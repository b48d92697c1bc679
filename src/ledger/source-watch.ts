import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ShowTag } from '../records/shown-text.ts';
import { sleep, type Clock, type Scheduler } from '../platform/clock.ts';
import type { Ledger, LedgerCondition, LedgerContents } from './ledger.ts';
import type { Identity } from './ledger-entry.ts';
import { readLedgerKey, writeBeatKey, writeEndedKey, writeWriterKey } from './ledger-key.ts';
import { sortRecovered, type RecoveredSpans } from './recovered-spans.ts';
import { createSourceRival } from './source-rival.ts';
import { readClaim, readSign, writeClaim, writeSign } from './life-signs.ts';

export interface SourceWatchDeps {
  readonly ledger: Ledger;
  /** Sends zero-ends for what a source has left open for good; `timestampSeconds` is later than all of its records. */
  readonly end: (recovered: readonly RecoveredSpans[], timestampSeconds: number) => void;
  /**
   * Another source has taken this one for dead and has ended its series.
   *
   * @param timestampSeconds stamp of the zeroes that end them
   * @param isOpen whether what is open under a key of the ledger was left alone
   */
  readonly onEnded: (timestampSeconds: number, isOpen: (key: string) => boolean) => void;
  /** Has all that is open entered again, since the ledger may lack it. */
  readonly enterAgain: () => void;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

export interface SourceWatchOptions {
  readonly source: string;
  readonly identity: Identity;
  /** See `SpanKeeperOptions`. */
  readonly showTag?: ShowTag;
  /** How often a sign of life is given. Default 30 s. */
  readonly beatMs?: number;
}

/**
 * Gives signs of life in a ledger that several sidecars share, and looks for those of others that have open spans
 * there: a sidecar whose container was replaced by one with another host name will never end them itself.
 *
 * One that lives can be taken for dead: it was stopped, or its machine was suspended. So that neither speaks after the
 * other has, whoever ends the spans of another claims that first, and who has been silent for long gives a sign first;
 * then each reads on. Of sign and claim the one that the ledger has first counts for both.
 */
export interface SourceWatch {
  /**
   * To be called with what a ledger held at the start: where another source has claimed our spans, it is read again once
   * that has ended them.
   */
  settle(contents: LedgerContents): Promise<LedgerContents>;
  /** @param contents what the ledger held when it was read; its foreign spans are watched */
  start(contents: LedgerContents): void;
  stop(): Promise<void>;
  /** After `stop`, once all has been delivered: takes the sign of life away. */
  leave(signal: AbortSignal): Promise<void>;
  /** Resolves when nobody can have taken this source for dead unnoticed; at once, but after a long silence. */
  confirm(signal: AbortSignal): Promise<void>;
  /**
   * Whether the process has stood still for so long that others may have ended its series, and does not know yet: until
   * then no sample is to be taken.
   */
  isUnsure(): boolean;
  /** Faulty while another process gives signs under the same source. */
  condition(): LedgerCondition;
}

/** A source has died when its sign stands still while we have given so many ourselves. */
const BEATS_TO_DEATH = 3;
/** While no other is known to have open spans, we look for one so seldom. */
const BEATS_ALONE = 20;
/** With an older sign than so many beats nothing is sent before it is known what others have made of that. */
const BEATS_OF_SILENCE = 2;
/** Leaving without a word costs others some minutes; it is not worth more of the time that is left for stopping. */
const LEAVING_MS = 2000;
/** For so long we wait for one that ends our spans to have done so. */
const ENDING_MS = 30_000;
const ENDING_POLL_MS = 2000;
/** For so long records wait until it is known what others have done meanwhile. */
const CONFIRM_MS = 40_000;

export function createSourceWatch(deps: SourceWatchDeps, options: SourceWatchOptions): SourceWatch {
  const { ledger, clock, scheduler, log } = deps;
  const { source, beatMs = 30_000 } = options;
  const beatKey = writeBeatKey(source);
  const endedKey = writeEndedKey(source);
  const processId = randomUUID();
  const silenceMs = BEATS_OF_SILENCE * beatMs;
  const life = new AbortController();
  const rival = createSourceRival(deps, source);
  let running: Promise<void> | null = null;
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
  /** Sources that we have ended, with their last sign: what they have left may be in the ledger for a while. */
  const ended = new Map<string, string>();
  /** Claims to sources that were silent. */
  const claimed = new Map<string, string>();

  /**
   * @param signs the last one of each source that has open spans
   * @param wasEnded whether our spans of a life before were claimed
   */
  async function run(signs: ReadonlyMap<string, string>, wasEnded: boolean): Promise<void> {
    if (wasEnded) await ledger.write(new Map([[endedKey, null]]), life.signal);
    for (let lookedAt = 1; ;) {
      const givenAtMs = await giveSign();
      if (isLate()) await findOut();
      else signedAtMs = givenAtMs;
      // Only beats that got through tell that the signs of others could have, too.
      if (ledger.condition().state !== 'ok') lookedAt = beat;
      if (beat - lookedAt >= (signs.size > 0 ? BEATS_TO_DEATH : BEATS_ALONE)) {
        signs = await look(signs);
        lookedAt = beat;
      }
      await sleep(scheduler, beatMs, life.signal);
    }
  }

  /** Gives the time of the sign, once it is there. */
  async function giveSign(): Promise<number> {
    beat += 1;
    const atMs = clock.nowMs();
    const value = writeSign({ processId, beat, atSeconds: Math.floor(atMs / 1000) });
    rival.note((await ledger.beat(beatKey, value, life.signal)).isContested);
    return atMs;
  }

  /** While the ledger is away no sign gets through, but the process runs all the same. */
  function noteRunning(): void {
    const nowMs = clock.nowMs();
    if (nowMs - ranAtMs > silenceMs) wokenAtMs = nowMs;
    ranAtMs = nowMs;
  }

  function isUnsure(): boolean {
    if (running === null) return false;
    noteRunning();
    return wokenAtMs !== null && ranAtMs - wokenAtMs < CONFIRM_MS;
  }

  function tick(): void {
    noteRunning();
    cancelTick = scheduler.after(beatMs, tick);
  }

  function isLate(): boolean {
    return clock.nowMs() - signedAtMs > silenceMs;
  }

  function findOut(): Promise<void> {
    confirming ??= confirmLife().finally(() => (confirming = null));
    return confirming;
  }

  /** After a long silence: has another source ended what is open here? */
  async function confirmLife(): Promise<void> {
    const silentMs = clock.nowMs() - signedAtMs;
    const givenAtMs = await giveSign();
    let contents = await ledger.readKeys(life.signal);
    const claim = readClaim(contents.entries.get(endedKey));
    if (claim !== null && claim.by !== processId) {
      contents = await awaitEnds(contents);
      log.warn(
        { source, silentMs, by: claim.source },
        'Another source has taken this one for dead and has ended its series: they begin anew',
      );
      const { entries } = contents;
      deps.onEnded(claim.atSeconds, (key) => entries.has(key));
      await ledger.write(new Map([[endedKey, null]]), life.signal);
    }
    deps.enterAgain();
    signedAtMs = givenAtMs;
    wokenAtMs = null;
  }

  /** Waits for another source to have ended what it has claimed, but not for ever: it may have died meanwhile. */
  async function awaitEnds(found: LedgerContents): Promise<LedgerContents> {
    let contents = found;
    for (let waitedMs = 0; isAnyOpen(contents) && waitedMs < ENDING_MS; waitedMs += ENDING_POLL_MS) {
      await sleep(scheduler, ENDING_POLL_MS, life.signal);
      contents = await ledger.readKeys(life.signal);
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

  /** Ends what sources without a new sign have left; gives the signs of the others. */
  async function look(before: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
    const keys = await ledger.readKeys(life.signal);
    const living = new Map([...signsIn(keys)].filter(([name, sign]) => ended.get(name) !== sign));
    const silent = [...living].filter(
      ([name, sign]) =>
        before.get(name) === sign && !isOthersTask(name, keys.entries.get(writeEndedKey(name))),
    );
    if (silent.length === 0) return living;
    const claims = new Map(
      silent.map(([name, sign]) => {
        const given = readSign(sign);
        // Its records are older than this: with an older sign nothing is sent.
        const atSeconds =
          given === null
            ? Math.floor(clock.nowMs() / 1000) + 1
            : given.atSeconds + Math.ceil(silenceMs / 1000) + 2;
        return [name, { by: processId, source, atSeconds }] as const;
      }),
    );
    await ledger.write(
      new Map(Array.from(claims, ([name, claim]) => [writeEndedKey(name), writeClaim(claim)])),
      life.signal,
    );
    const contents = await ledger.read(life.signal, () => undefined);
    const { foreign } = sortRecovered(contents, new Map(), options);
    for (const [name, claim] of claims) {
      const isOurs = contents.entries.get(writeEndedKey(name)) === writeClaim(claim);
      const sign = contents.entries.get(writeBeatKey(name)) ?? '';
      if (!isOurs) continue;
      if (sign !== living.get(name)) {
        living.set(name, sign);
        await ledger.write(new Map([[writeEndedKey(name), null]]), life.signal);
        continue;
      }
      living.delete(name);
      ended.set(name, sign);
      const recovered = foreign.get(name) ?? [];
      const spans = recovered.reduce((sum, each) => sum + each.spans.length, 0);
      log.warn(
        { gone: name, spans, source },
        'Another source has died and left series open: they are ended; a series.source that stays lets the next start go on with them',
      );
      deps.end(recovered, claim.atSeconds);
    }
    return living;
  }

  /** Whether a third source has claimed the spans of one since we looked last. */
  function isOthersTask(name: string, claim: string | undefined): boolean {
    const isKnown = claimed.get(name) === claim;
    if (claim === undefined) claimed.delete(name);
    else claimed.set(name, claim);
    return claim !== undefined && !isKnown;
  }

  /** The signs of other sources that have open spans; '' where there is none. */
  function signsIn({ entries }: LedgerContents): ReadonlyMap<string, string> {
    const signs = new Map<string, string>();
    for (const key of entries.keys()) {
      const read = readLedgerKey(key);
      if (read?.holds !== 'entry' || read.owner.source === source) continue;
      const { source: name } = read.owner;
      if (!signs.has(name)) signs.set(name, entries.get(writeBeatKey(name)) ?? '');
    }
    return signs;
  }

  return {
    async settle(contents) {
      if (!contents.entries.has(endedKey) || !isAnyOpen(contents)) return contents;
      await awaitEnds(contents);
      return ledger.read(life.signal, () => undefined);
    },
    start(contents) {
      if (!ledger.isShared || running !== null) return;
      tick();
      // Not with all that was read, which is large.
      running = run(signsIn(contents), contents.entries.has(endedKey)).catch((error: unknown) => {
        if (!life.signal.aborted) log.error({ err: error }, 'The watch over other sources has failed');
      });
    },
    async stop() {
      life.abort(new Error('stopped'));
      cancelTick();
      await running;
    },
    async leave(signal) {
      if (running === null) return;
      const soon = AbortSignal.any([signal, AbortSignal.timeout(LEAVING_MS)]);
      const gone = [beatKey, writeWriterKey(source)].map((key) => [key, null] as const);
      await ledger.write(new Map(gone), soon).catch(() => undefined);
    },
    async confirm(signal) {
      if (running === null || life.signal.aborted || (confirming === null && !isLate())) return;
      // Where the ledger is away, records go on without it. But connections suffer while a process stands still, too.
      if (!isUnsure() && ledger.condition().state !== 'ok') return;
      const patience = new AbortController();
      const waited = sleep(scheduler, CONFIRM_MS, AbortSignal.any([signal, patience.signal]));
      await Promise.race([findOut().catch(() => undefined), waited]).finally(() => patience.abort());
      waited.catch(() => undefined);
      signal.throwIfAborted();
    },
    isUnsure,
    condition: () => rival.condition(),
  };
}
