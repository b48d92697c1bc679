import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import type { ShowTag } from '../records/formats/format.ts';
import type { Ledger, LedgerContents } from './ledger.ts';
import type { Identity } from './ledger-entry.ts';
import { readLedgerKey, writeBeatKey, writeEndedKey } from './ledger-key.ts';
import { afterLastRecordSeconds, FORGOTTEN_MS, readSign, writeClaim, type EndClaim } from './life-signs.ts';
import { sortRecovered, type RecoveredSpans } from './recovered-spans.ts';

export interface OtherSourcesDeps {
  readonly ledger: Ledger;
  /** Sends zero-ends for the spans of a dead source; `timestampSeconds` is later than all of its records. */
  readonly end: (recovered: readonly RecoveredSpans[], timestampSeconds: number) => void;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface OtherSourcesOptions {
  readonly source: string;
  /** Names this process in signs and claims. */
  readonly processId: string;
  readonly identity: Identity;
  /** See `SpanKeeperOptions`. */
  readonly showTag?: ShowTag;
  readonly beatMs: number;
}

/**
 * Looks for other sources in the ledger that have died: ends the spans of those, and long after that removes what else
 * the ledger holds of them.
 */
export interface OtherSources {
  /** @param contents what the ledger held when it was read */
  start(contents: LedgerContents): void;
  /** To be called after each sign of life of our own. */
  look(): Promise<void>;
}

/** A source has died when it gives no new sign while we give this many. */
const BEATS_TO_DEATH = 3;
/** While no other source is known to have open spans, we look for one after so many signs of our own. */
const BEATS_ALONE = 20;

/** @param life aborts all that is under way */
export function createOtherSources(
  deps: OtherSourcesDeps,
  options: OtherSourcesOptions,
  life: AbortSignal,
): OtherSources {
  const { ledger, clock, log } = deps;
  const { source, processId, beatMs } = options;
  /** The last sign of each other source that has open spans; '' where there is none. */
  let signs: ReadonlyMap<string, string> = new Map();
  /** Signs of our own since we have looked last. */
  let beats = -1;
  /** Sources that we have ended, with their last sign: their spans may be in the ledger for a while. */
  const ended = new Map<string, string>();
  /** Claims to sources that were silent. */
  const claimed = new Map<string, string>();
  /** What the ledger held of each source without open spans when we looked last, and since when. */
  let traces: ReadonlyMap<string, { readonly values: string; readonly sinceMs: number }> = new Map();

  /** Ends the spans of sources without a new sign; gives the signs of the others. */
  async function endSilent(keys: LedgerContents): Promise<ReadonlyMap<string, string>> {
    const living = new Map([...signsIn(keys)].filter(([name, sign]) => ended.get(name) !== sign));
    const silent = [...living].filter(
      ([name, sign]) =>
        signs.get(name) === sign && !isOthersTask(name, keys.entries.get(writeEndedKey(name))),
    );
    if (silent.length === 0) return living;
    const claims = new Map(silent.map(([name, sign]) => [name, claimOf(sign)]));
    await ledger.write(
      new Map(Array.from(claims, ([name, claim]) => [writeEndedKey(name), writeClaim(claim)])),
      life,
    );
    const contents = await ledger.read(life, () => undefined);
    const { foreign } = sortRecovered(contents, new Map(), options);
    for (const [name, claim] of claims) {
      const isOurs = contents.entries.get(writeEndedKey(name)) === writeClaim(claim);
      const sign = contents.entries.get(writeBeatKey(name)) ?? '';
      if (!isOurs) continue;
      if (sign !== living.get(name)) {
        living.set(name, sign);
        await ledger.write(new Map([[writeEndedKey(name), null]]), life);
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

  function claimOf(sign: string): EndClaim {
    const given = readSign(sign);
    const atSeconds =
      given === null ? Math.floor(clock.nowMs() / 1000) + 1 : afterLastRecordSeconds(given.atSeconds, beatMs);
    return { by: processId, source, atSeconds };
  }

  /** Whether a third source has claimed the spans of one since we looked last. */
  function isOthersTask(name: string, claim: string | undefined): boolean {
    const isKnown = claimed.get(name) === claim;
    if (claim === undefined) claimed.delete(name);
    else claimed.set(name, claim);
    return claim !== undefined && !isKnown;
  }

  function signsIn({ entries }: LedgerContents): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const key of entries.keys()) {
      const read = readLedgerKey(key);
      if (read?.holds !== 'entry' || read.owner.source === source) continue;
      const { source: name } = read.owner;
      if (!found.has(name)) found.set(name, entries.get(writeBeatKey(name)) ?? '');
    }
    return found;
  }

  /**
   * Removes signs, claims and marks of sources that have no open spans and were last heard of very long ago. One that
   * wakes up after all knows by its own clock that it was forgotten.
   */
  async function forgetDead({ entries }: LedgerContents): Promise<void> {
    const nowMs = clock.nowMs();
    const gone = new Map<string, null>();
    const seen = new Map<string, { readonly values: string; readonly sinceMs: number }>();
    for (const [name, keys] of keysWithoutSpans(entries)) {
      const values = keys.map((key) => entries.get(key)).join(' ');
      const before = traces.get(name);
      const isUnchanged = before?.values === values;
      const sinceMs = isUnchanged ? before.sinceMs : nowMs;
      const sign = readSign(entries.get(writeBeatKey(name)));
      const heardOfMs = sign === null ? sinceMs : sign.atSeconds * 1000;
      if (isUnchanged && nowMs - heardOfMs > FORGOTTEN_MS) keys.forEach((key) => gone.set(key, null));
      else seen.set(name, { values, sinceMs });
    }
    traces = seen;
    if (gone.size === 0) return;
    await ledger.write(gone, life);
    log.info({ keys: [...gone.keys()] }, 'What the ledger held of sources that died long ago was removed');
  }

  function keysWithoutSpans(entries: LedgerContents['entries']): ReadonlyMap<string, readonly string[]> {
    const withSpans = new Set<string>([source]);
    const keysOf = new Map<string, string[]>();
    for (const key of entries.keys()) {
      const read = readLedgerKey(key);
      if (read === null) continue;
      if (read.holds === 'entry') withSpans.add(read.owner.source);
      else keysOf.set(read.source, [...(keysOf.get(read.source) ?? []), key]);
    }
    for (const name of withSpans) keysOf.delete(name);
    return keysOf;
  }

  return {
    start(contents) {
      // Not with all that was read, which is large.
      signs = signsIn(contents);
    },
    async look() {
      beats += 1;
      // Only signs that got through tell that those of others could have, too.
      if (ledger.condition().state !== 'ok') beats = 0;
      if (beats < (signs.size > 0 ? BEATS_TO_DEATH : BEATS_ALONE)) return;
      const keys = await ledger.readKeys(life);
      signs = await endSilent(keys);
      await forgetDead(keys);
      beats = 0;
    },
  };
}
