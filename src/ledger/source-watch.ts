import { randomUUID } from 'node:crypto';
import { sleep } from '../platform/clock.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import type { ShowTag } from '../records/formats/format.ts';
import type { LedgerContents } from './ledger.ts';
import type { Identity } from './ledger-entry.ts';
import { writeEndedKey } from './ledger-key.ts';
import { createOtherSources, type OtherSourcesDeps } from './other-sources.ts';
import { createOwnSource, type OwnSourceDeps } from './own-source.ts';

export type SourceWatchDeps = OwnSourceDeps & OtherSourcesDeps;

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
 * other has, a source that ends the spans of another writes a claim first, and one that was silent for long gives a sign
 * first; then each of them reads the ledger. Of sign and claim the one that the ledger has first counts for both.
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
  /** Resolves when nobody can have taken this source for dead unnoticed; at once, but after a long silence. */
  confirm(signal: AbortSignal): Promise<void>;
  /**
   * Whether the process has stood still for so long that others may have ended its series, and does not know yet: until
   * then no sample is to be taken.
   */
  isUnsure(): boolean;
  /** Faulty while another process gives signs under the same source. */
  condition(): Condition;
}

export function createSourceWatch(deps: SourceWatchDeps, given: SourceWatchOptions): SourceWatch {
  const { ledger, scheduler, log } = deps;
  const life = new AbortController();
  const { source, beatMs = 30_000 } = given;
  const processId = randomUUID();
  const own = createOwnSource(deps, { source, processId, beatMs }, life.signal);
  const others = createOtherSources(
    deps,
    {
      source,
      processId,
      beatMs,
      ...(given.showTag && { showTag: given.showTag }),
      get identity() {
        return given.identity;
      },
    },
    life.signal,
  );
  let running: Promise<void> | null = null;

  /** @param wasClaimed whether another source has claimed the spans of our former process */
  async function run(wasClaimed: boolean): Promise<void> {
    if (wasClaimed) await own.removeClaim();
    for (;;) {
      await own.giveSign();
      await others.look();
      await sleep(scheduler, beatMs, life.signal);
    }
  }

  return {
    settle: (contents) => own.settle(contents),
    start(contents) {
      if (!ledger.isShared || running !== null) return;
      own.start();
      others.start(contents);
      running = run(contents.entries.has(writeEndedKey(source))).catch((error: unknown) => {
        if (!life.signal.aborted) log.error({ err: error }, 'The watch over other sources has failed');
      });
    },
    async stop() {
      life.abort(new Error('stopped'));
      own.stop();
      await running;
    },
    confirm: (signal) => own.confirm(signal),
    isUnsure: () => own.isUnsure(),
    condition: () => own.condition(),
  };
}
