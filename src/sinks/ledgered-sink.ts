import { abortable } from '../platform/abortable.ts';
import type { Scheduler } from '../platform/clock.ts';
import { lastPlaceOf, writeMark } from '../ledger/delivery-mark.ts';
import type { EncodedSample, SamplePlace, SpanChange } from '../records/encoded-sample.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EntryWriter } from '../ledger/ledger-entry.ts';
import { createConfirmedSink, type Confirmation } from './confirmed-sink.ts';
import type { DeliveryReport, Sink } from './sink.ts';

/** How long entries wait for those of the next delivery. */
const FLUSH_MS = 20;

/**
 * A sink that keeps the ledger in step: one that writes it itself, in the transactions of its records, or a bare one
 * with the ledger before it.
 *
 * @param deps.confirmation where other sidecars may take this one for dead; null: nobody else uses the ledger
 */
export function createSinkWithLedger({
  confirmation,
  ...deps
}: Omit<LedgeredSinkDeps, 'sink'> &
  ({ readonly transactional: Sink } | { readonly createSink: () => Sink }) & {
    readonly confirmation: Confirmation | null;
  }): Sink {
  const confirmed = (sink: Sink): Sink =>
    confirmation === null ? sink : createConfirmedSink(sink, confirmation);
  if ('transactional' in deps) return confirmed(deps.transactional);
  // Asked again when records have waited for the ledger.
  return confirmed(createLedgeredSink({ ...deps, sink: confirmed(deps.createSink()) }));
}

interface LedgeredSinkDeps {
  readonly sink: Sink;
  readonly ledger: Ledger;
  readonly writer: EntryWriter;
  readonly scheduler: Scheduler;
  /** Where the ledger keeps how far deliveries have come. */
  readonly markKey: string;
}

/**
 * A sink whose spans are in a ledger. What opens a span is entered before its records are delivered, what closes one
 * after they have arrived: whenever the process dies, the ledger names every span that a reader may see open. What it
 * names may have ended already, or not have begun; entries say which spans were under way.
 */
function createLedgeredSink(deps: LedgeredSinkDeps): Sink {
  const { sink, ledger, writer, scheduler, markKey } = deps;
  /** Of samples that have arrived; written with the next delivery or soon. */
  const settled = new Map<string, string | null>();
  /** Of the last sample that has arrived. */
  let place: SamplePlace | undefined;
  const life = new AbortController();
  let cancel: (() => void) | null = null;
  let turn: Promise<void> = Promise.resolve();
  /** While records wait for their entries. */
  let isEntering = false;

  /** Writes what is settled and these, one call after the other. */
  function enter(entries: ReadonlyMap<string, string | null>, signal: AbortSignal): Promise<void> {
    const written = turn.then(async () => {
      const all = new Map([...settled, ...entries]);
      settled.clear();
      if (all.size === 0) return;
      // What is entered here is newer than samples on disk that have arrived and are still to be removed.
      if (place !== undefined) all.set(markKey, writeMark({ place }));
      await ledger.write(all, signal);
    });
    turn = written.catch(() => undefined);
    // What is written before it may wait for longer than this signal lets us.
    return abortable(written, signal);
  }

  function flushSoon(): void {
    cancel ??= scheduler.after(FLUSH_MS, () => {
      cancel = null;
      enter(new Map(), life.signal).catch(() => undefined);
    });
  }

  async function deliverPart(
    samples: readonly EncodedSample[],
    report: ArrivalReport,
    signal: AbortSignal,
  ): Promise<void> {
    const changes = changesByKey(samples);
    const underWay = new Map<string, string | null>();
    for (const [key, ofKey] of changes) {
      if (ofKey.some(({ opened }) => opened !== null)) underWay.set(key, writer.underWay(ofKey));
    }
    if (underWay.size > 0) {
      isEntering = true;
      await enter(underWay, signal).finally(() => (isEntering = false));
    }
    await sink.deliver(samples, report, signal);
    const named = report.isClosed() ? report.named() : null;
    const arrived = named === null ? samples : samples.filter((sample) => named.has(sample));
    place = lastPlaceOf(arrived) ?? place;
    for (const [key, ofKey] of named === null ? changes : changesByKey(arrived)) {
      const last = ofKey.at(-1);
      if (last !== undefined) settled.set(key, writer.settled(last));
    }
    if (settled.size > 0) flushSoon();
  }

  return {
    name: sink.name,
    start: (signal) => sink.start(signal),
    async stop(signal) {
      cancel?.();
      cancel = null;
      const onAbort = (): void => life.abort(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      await enter(new Map(), life.signal).catch(() => undefined);
      signal.removeEventListener('abort', onAbort);
      await sink.stop(signal);
    },
    async deliver(samples, report, signal) {
      const watched = watchReport(report);
      // An entry has one identity: what ends under a former one has arrived before what begins under the next.
      for (const part of byIdentity(samples)) {
        await deliverPart(part, watched, signal);
        if (watched.isClosed()) return;
      }
    },
    condition() {
      const own = sink.condition();
      const ofLedger = ledger.condition();
      if (own.state === 'faulty' || ofLedger.state === 'ok' || !isEntering) return own;
      return { ...ofLedger, reason: `records wait, because ${ofLedger.reason}` };
    },
  };
}

/** A report that remembers what it was told. */
interface ArrivalReport extends DeliveryReport {
  /** Whether the destination is gone for good: samples that were not named never arrive. */
  isClosed(): boolean;
  /** Samples of which the destination has said what became of them. */
  named(): ReadonlySet<EncodedSample>;
}

function watchReport(report: DeliveryReport): ArrivalReport {
  const named: (readonly EncodedSample[])[] = [];
  let isClosed = false;
  return {
    acknowledged(samples) {
      named.push(samples);
      report.acknowledged(samples);
    },
    refused(samples, reason) {
      named.push(samples);
      report.refused(samples, reason);
    },
    closed() {
      isClosed = true;
      report.closed();
    },
    isClosed: () => isClosed,
    named: () => new Set(named.flat()),
  };
}

/** The samples in their order, in as few parts as have spans of one identity each. */
function byIdentity(samples: readonly EncodedSample[]): readonly (readonly EncodedSample[])[] {
  const starts = [0];
  let identity: { readonly as: string | undefined } | null = null;
  for (const [index, { spans }] of samples.entries()) {
    if (spans === undefined) continue;
    if (identity !== null && identity.as !== spans.as) starts.push(index);
    identity = { as: spans.as };
  }
  return starts.length === 1
    ? [samples]
    : starts.map((start, part) => samples.slice(start, starts[part + 1] ?? samples.length));
}

/** What the samples say of their spans, by ledger key, in order. */
export function changesByKey(samples: readonly EncodedSample[]): ReadonlyMap<string, readonly SpanChange[]> {
  const changes = new Map<string, SpanChange[]>();
  for (const { spans } of samples) {
    if (spans === undefined) continue;
    const ofKey = changes.get(spans.key);
    if (ofKey === undefined) changes.set(spans.key, [spans]);
    else ofKey.push(spans);
  }
  return changes;
}
