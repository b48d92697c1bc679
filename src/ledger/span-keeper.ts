import type { Logger } from 'pino';
import { sleep, type Clock, type Scheduler } from '../platform/clock.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { Part } from '../platform/part.ts';
import type { ShowTag } from '../records/formats/format.ts';
import type { OpenSpan, Span } from '../records/record.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import { createEarlySpans, type EarlySpans } from './early-spans.ts';
import type { Ledger, LedgerContents } from './ledger.ts';
import type { EntrySpan, Identity } from './ledger-entry.ts';
import { readLedgerKey, writeEntryKey } from './ledger-key.ts';
import { sortRecovered, type SortedSpans, type RecoveredSpans, type SpansOnDisk } from './recovered-spans.ts';
import { createSourceWatch, type SourceWatchDeps } from './source-watch.ts';

export interface SpanKeeperDeps {
  readonly ledger: Ledger;
  /** What samples of a former process that still lie on disk say of their keys; asked once, at the start. */
  readonly spansOnDisk: () => SpansOnDisk;
  /**
   * Spans that go on, before anything is polled.
   *
   * @param notBeforeSeconds no record of a former process is later
   */
  readonly resume: (spans: readonly EntrySpan[], notBeforeSeconds: number) => void;
  /** Whether a cluster is followed. */
  readonly follows: (cluster: string) => boolean;
  /** Name and tags of a span's series, as a text: equal for those that a reader cannot tell apart. */
  readonly seriesOf: (span: Span, named: Identity) => string;
  /** Sends zero-ends of spans that do not go on; `stillOpen` is what else of their owner is open. */
  readonly end: (recovered: RecoveredSpans, stillOpen: readonly OpenSpan[], timestampSeconds: number) => void;
  /** See `SourceWatchDeps`. */
  readonly onEnded: SourceWatchDeps['onEnded'];
  /** See `SourceWatchDeps`. */
  readonly enterAgain: SourceWatchDeps['enterAgain'];
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

export interface SpanKeeperOptions {
  readonly source: string;
  /** Of the series that this process has now. */
  readonly identity: Identity;
  /** What records show of a text; default: the text. */
  readonly showTag?: ShowTag;
  /** How long polling waits for the ledger to be read. Default 30 s. */
  readonly patienceMs?: number;
  /** See `SourceWatchOptions`. */
  readonly beatMs?: number;
}

/** Reads at the start which spans a former process left open, and sees to it that all of it goes on or ends. */
export interface SpanKeeper extends Part {
  /** What a sample opened of an owner, and what is open after it; matters only while the ledger has not been read. */
  note: EarlySpans['note'];
  /** See `SourceWatch`. */
  confirm(signal: AbortSignal): Promise<void>;
  /** See `SourceWatch`. */
  isUnsure(): boolean;
  /** See `SourceWatch`. */
  condition(): Condition;
  /** Whether the ledger is still to be read while polling goes on. */
  isReading(): boolean;
}

/**
 * Polling waits until the ledger has been read, so that no span begins a second time. But not for ever: where it cannot
 * be read in time, polling starts without it. Once it has been read, spans of the former process are ended, except those
 * of series that have begun in this one: their second zero-start is the end of the first for a reader.
 *
 * These ends come late, and time must not go back in any series. So they have a second of their own, behind all that a
 * former process can have sent and before all that this one sends.
 */
export function createSpanKeeper(deps: SpanKeeperDeps, options: SpanKeeperOptions): SpanKeeper {
  const { ledger, clock, scheduler, log } = deps;
  const patienceMs = options.patienceMs ?? 30_000;
  const life = new AbortController();
  /** Present while polling goes on without the ledger. */
  let early: EarlySpans | null = null;
  let reading: Promise<void> = Promise.resolve();
  const watch = createSourceWatch(
    {
      ledger,
      end: (recovered, timestampSeconds) => recovered.forEach((each) => deps.end(each, [], timestampSeconds)),
      onEnded: (...ended) => deps.onEnded(...ended),
      enterAgain: () => deps.enterAgain(),
      clock,
      scheduler,
      log,
    },
    options,
  );

  /** Later than any record of a process that has died. */
  function nextSecond(): number {
    return Math.floor(clock.nowMs() / 1000) + 1;
  }

  /** What sources have left that cannot live any more: their samples are on our disk, or the ledger is ours alone. */
  function orphansOf({ foreign }: SortedSpans, onDisk: SpansOnDisk): readonly RecoveredSpans[] {
    const dead = new Set<string>();
    for (const key of onDisk.keys()) {
      const read = readLedgerKey(key);
      if (read?.holds === 'entry') dead.add(read.owner.source);
    }
    return [...foreign].flatMap(([source, recovered]) =>
      !ledger.isShared || dead.has(source) ? recovered : [],
    );
  }

  async function goOn(contents: LedgerContents, startedAtMs: number, signal: AbortSignal): Promise<void> {
    const onDisk = deps.spansOnDisk();
    watch.start(contents);
    if (contents.isNew && onDisk.size === 0) return;
    const sorted = sortRecovered(contents, onDisk, options);
    const orphans = orphansOf(sorted, onDisk);
    tell(sorted, orphans);
    const followed = sorted.ours.filter(({ owner }) => deps.follows(owner.cluster));
    const spans = followed.flatMap((each) => each.spans);
    const ending = [
      ...sorted.former,
      ...sorted.ours.filter(({ owner }) => !deps.follows(owner.cluster)),
      ...orphans,
    ];
    const endSeconds = nextSecond();
    const notBeforeSeconds = ending.length > 0 ? endSeconds : Math.floor(startedAtMs / 1000);
    deps.resume(spans, notBeforeSeconds);
    const goingOn = new Map(followed.map((each) => [writeEntryKey(each.owner), each.spans]));
    for (const each of ending) deps.end(each, goingOn.get(writeEntryKey(each.owner)) ?? [], endSeconds);
    if (spans.length > 0 || ending.length > 0) {
      log.info(
        { spans: spans.length, ended: ending.flatMap((each) => each.spans).length },
        'The recovered spans of a former process go on',
      );
    }
    await passBehind(notBeforeSeconds, signal);
  }

  /** Samples of this second and the next would be left out, for want of room behind the records of a former process. */
  function passBehind(notBeforeSeconds: number, signal: AbortSignal): Promise<void> {
    return sleep(scheduler, Math.max(0, (notBeforeSeconds + 2) * 1000 - clock.nowMs()), signal);
  }

  function comeLate(contents: LedgerContents, begun: EarlySpans, endSeconds: number): void {
    watch.start(contents);
    const onDisk = deps.spansOnDisk();
    const sorted = sortRecovered(contents, onDisk, options);
    const orphans = orphansOf(sorted, onDisk);
    tell(sorted, orphans);
    let ended = 0;
    for (const each of [...sorted.ours, ...sorted.former, ...orphans]) {
      const { opened, open } = begun.of(writeEntryKey(each.owner));
      if (opened === null) continue;
      // Series may be the same though their identities are not: not every tag is one of every metric.
      const series = new Set(opened.map((span) => deps.seriesOf(span, options.identity)));
      const spans =
        series.size === 0
          ? each.spans
          : each.spans.filter((span) => !series.has(deps.seriesOf(span, each.identity)));
      if (spans.length > 0) deps.end({ ...each, spans }, open, endSeconds);
      ended += spans.length;
    }
    log.info(
      { ended },
      'The ledger of open spans has been read at last; what is not open any more was ended',
    );
  }

  function tell({ foreign, unreadable, unknown }: SortedSpans, orphans: readonly RecoveredSpans[]): void {
    const others = [...foreign.keys()].filter((name) => !orphans.some(({ owner }) => owner.source === name));
    if (others.length > 0) {
      log.info(
        { sources: others, source: options.source },
        'Other sources have open spans in this ledger; those that give no sign of life any more are ended soon',
      );
    }
    if (unreadable > 0)
      log.warn({ entries: unreadable }, 'Entries of the ledger are not understood and left alone');
    if (unknown.size > 0)
      log.warn(
        { unknown: [...unknown] },
        'The ledger has series of another version that this one does not know: they will lack their closing 0',
      );
  }

  async function recover(signal: AbortSignal): Promise<void> {
    const startedAtMs = clock.nowMs();
    const inTime = new AbortController();
    const onAbort = (): void => life.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const contents = ledger.read(life.signal, () => inTime.abort()).then((found) => watch.settle(found));
    contents.catch(() => undefined);
    try {
      const patience = sleep(scheduler, patienceMs, inTime.signal).then(
        () => null,
        () => null,
      );
      const read = await Promise.race([contents, patience]);
      if (read !== null) {
        await goOn(read, startedAtMs, signal);
        return;
      }
    } finally {
      inTime.abort();
      signal.removeEventListener('abort', onAbort);
    }
    const condition = ledger.condition();
    log.warn(
      {
        waitedSeconds: logSeconds(clock.nowMs() - startedAtMs),
        reason: condition.state === 'faulty' ? condition.reason : undefined,
      },
      'The ledger of open spans cannot be read yet: polling starts without it',
    );
    const begun = createEarlySpans();
    early = begun;
    // There may have been a former process, whose last records are not to be overtaken.
    const endSeconds = Math.floor(startedAtMs / 1000) + 1;
    deps.resume([], endSeconds);
    await passBehind(endSeconds, signal);
    reading = contents
      .then((late) => {
        comeLate(late, begun, endSeconds);
        early = null;
      })
      .catch((error: unknown) => {
        if (!life.signal.aborted) log.error({ err: error }, 'What the ledger told late could not be ended');
      });
  }

  async function stop(): Promise<void> {
    life.abort(new Error('stopped'));
    await reading;
    await watch.stop();
  }

  return {
    name: 'span keeper',
    async start(signal) {
      try {
        await recover(signal);
      } catch (error) {
        // Signs of life may be given by now, and the ledger may still be read.
        await stop();
        throw error;
      }
    },
    stop,
    confirm: (signal) => watch.confirm(signal),
    isUnsure: () => watch.isUnsure(),
    condition: () => watch.condition(),
    isReading: () => early !== null,
    note: (key, spans) => early?.note(key, spans),
  };
}
