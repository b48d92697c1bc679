import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { sleep, type Scheduler } from '../platform/clock.ts';
import type { Ledger, LedgerContents } from './ledger.ts';
import type { Identity } from './ledger-entry.ts';
import { writeBeatKey, writeWriterKey } from './ledger-key.ts';
import { sortLeft, type LeftSpans } from './left-spans.ts';

export interface SourceWatchDeps {
  readonly ledger: Ledger;
  /** Sends zero-ends for what a source has left open for good. */
  readonly end: (left: readonly LeftSpans[]) => void;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

export interface SourceWatchOptions {
  readonly source: string;
  readonly identity: Identity;
  /** How often a sign of life is given. Default 30 s. */
  readonly beatMs?: number;
}

/**
 * Gives signs of life in a ledger that several sidecars share, and looks for those of others that have open spans
 * there: a sidecar whose container was replaced by one with another host name will never end them itself.
 */
export interface SourceWatch {
  /** @param contents what the ledger held when it was read; its foreign spans are watched */
  start(contents: LedgerContents): void;
  stop(): Promise<void>;
  /** After `stop`, once all has been delivered: takes the sign of life away. */
  leave(signal: AbortSignal): Promise<void>;
}

/** A source has died when its sign stands still while we have given so many ourselves. */
const BEATS_TO_DEATH = 3;
/** Of a source that lives, the ledger is asked less and less often, down to once in so many beats. */
const MOST_BEATS = 24;
/** Leaving without a word costs others two minutes; it is not worth more of the time that is left for stopping. */
const LEAVING_MS = 2000;

export function createSourceWatch(deps: SourceWatchDeps, options: SourceWatchOptions): SourceWatch {
  const { ledger, scheduler, log } = deps;
  const { source, beatMs = 30_000 } = options;
  const beatKey = writeBeatKey(source);
  const processId = randomUUID();
  const life = new AbortController();
  let running: Promise<void> | null = null;

  async function run(found: LedgerContents): Promise<void> {
    /** The last sign of each source that has open spans. */
    let signs = signsIn(found);
    let patience = BEATS_TO_DEATH;
    for (let beat = 1, lookedAt = 1; ; beat += 1) {
      await ledger.beat(beatKey, JSON.stringify([processId, beat]), life.signal);
      // Only beats that got through tell that the signs of others could have, too.
      if (ledger.condition().state !== 'ok') lookedAt = beat;
      if (signs.size > 0 && beat - lookedAt >= patience) {
        signs = await look(signs);
        lookedAt = beat;
        patience = Math.min(MOST_BEATS, 2 * patience);
      }
      await sleep(scheduler, beatMs, life.signal);
    }
  }

  /** Ends what sources without a new sign have left; gives the signs of the others. */
  async function look(before: ReadonlyMap<string, string>): Promise<ReadonlyMap<string, string>> {
    const contents = await ledger.read(life.signal, () => undefined);
    const now = signsIn(contents);
    const { foreign } = sortLeft(contents, new Map(), options);
    const living = new Map<string, string>();
    for (const [name, left] of foreign) {
      const sign = now.get(name) ?? '';
      if (before.get(name) !== sign) {
        living.set(name, sign);
        continue;
      }
      const spans = left.reduce((sum, each) => sum + each.spans.length, 0);
      log.warn(
        { gone: name, spans, source },
        'Another source has died and left series open: they are ended; a series.source that stays lets the next start go on with them',
      );
      deps.end(left);
    }
    return living;
  }

  function signsIn(contents: LedgerContents): ReadonlyMap<string, string> {
    const { foreign } = sortLeft(contents, new Map(), options);
    return new Map(
      Array.from(foreign.keys(), (name) => [name, contents.entries.get(writeBeatKey(name)) ?? '']),
    );
  }

  return {
    start(contents) {
      if (!ledger.isShared) return;
      running ??= run(contents).catch((error: unknown) => {
        if (!life.signal.aborted) log.error({ err: error }, 'The watch over other sources has failed');
      });
    },
    async stop() {
      life.abort(new Error('stopped'));
      await running;
    },
    async leave(signal) {
      if (running === null) return;
      const soon = AbortSignal.any([signal, AbortSignal.timeout(LEAVING_MS)]);
      const gone = [beatKey, writeWriterKey(source)].map((key) => [key, null] as const);
      await ledger.write(new Map(gone), soon).catch(() => undefined);
    },
  };
}
