import { describe, expect, test } from 'vitest';
import { readMark } from '../../src/ledger/delivery-mark.ts';
import { createEntryWriter, readEntry } from '../../src/ledger/ledger-entry.ts';
import type { EncodedSample, SpanChange } from '../../src/records/encoded-sample.ts';
import { createSinkWithLedger } from '../../src/sinks/ledgered-sink.ts';
import type { Confirmation } from '../../src/sinks/confirmed-sink.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { createMemoryLedger } from '../ledger/memory-ledger.ts';
import { createManualTime } from '../outbox/manual-time.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { createReport } from './report.ts';

const forever = new AbortController().signal;
const spans = '[["group","totalLag",[]]]';
const change = (key: string, facts: Partial<SpanChange>): SpanChange => {
  return { key, open: null, doubted: null, opened: null, closed: null, ...facts };
};
const opening = (key: string): EncodedSample => ({
  ...sampleOf(key, ['0']),
  spans: change(key, { open: spans, opened: spans }),
});
const closing = (key: string): EncodedSample => ({
  ...sampleOf(key, ['0']),
  spans: change(key, { closed: spans }),
});

function setUp(confirmation: Confirmation | null = null) {
  const ledger = createMemoryLedger();
  const time = createManualTime();
  const events: string[] = [];
  let held: Promise<void> = Promise.resolve();
  /** Deliveries from now on take until the function is called. */
  const hold = (): (() => void) => {
    let release: () => void = () => undefined;
    held = new Promise((resolve) => (release = resolve));
    return release;
  };
  let taken = Infinity;
  /** From now on the destination takes so many samples and is gone then. */
  const closeAfter = (samples: number): void => void (taken = samples);
  const bare: Sink = {
    name: 'bare',
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    deliver(samples, report) {
      events.push(...samples.map(({ key }) => `deliver ${key}`));
      return held.then(() => {
        report.acknowledged(samples.slice(0, taken));
        if (taken < samples.length) report.closed();
      });
    },
    condition: () => ({ state: 'ok', sinceMs: 0 }),
  };
  const recording = {
    ...ledger,
    write(entries: ReadonlyMap<string, string | null>, signal: AbortSignal) {
      for (const [key, value] of entries) events.push(`enter ${key}${value === null ? ' gone' : ''}`);
      if (ledger.isAway) return new Promise<void>(() => undefined);
      return ledger.write(entries, signal);
    },
  };
  const writer = createEntryWriter({ prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: [] });
  const sink = createSinkWithLedger({
    createSink: () => bare,
    confirmation,
    ledger: recording,
    writer,
    scheduler: time,
    markKey: 'mark',
  });
  return { sink, ledger, time, events, hold, closeAfter };
}

describe('given a sink with a ledger', () => {
  test('when a span is opened, then the ledger has it before the records go, and knows afterwards', async () => {
    const { sink, ledger, time, events } = setUp();
    await sink.deliver([opening('a')], createReport().report, forever);
    expect(events).toEqual(['enter a', 'deliver a']);
    expect(ledger.entries.get('a')).toContain('"opened":[[["group"');
    await time.advance(50);
    expect(events).toEqual(['enter a', 'deliver a', 'enter a']);
    expect(ledger.entries.get('a')).not.toContain('opened');
  });

  test('when the destination is gone for good, then only what it took before counts as arrived', async () => {
    const { sink, ledger, time, closeAfter } = setUp();
    await sink.deliver([opening('a'), opening('b')], createReport().report, forever);
    await time.advance(50);
    closeAfter(1);
    const { report, closed } = createReport();
    const tagged = { ...opening('c'), spans: change('c', { open: spans, opened: spans, as: '{}' }) };
    await sink.deliver([closing('a'), closing('b'), opening('d'), tagged], report, forever);
    await time.advance(50);
    expect(closed()).toBe(1);
    expect([...ledger.entries.keys()]).toEqual(['b', 'd']);
    expect(ledger.entries.get('b')).not.toContain('opened');
    // Whether a reader has seen its beginning is not known.
    expect(ledger.entries.get('d')).toContain('opened');
  });

  test('when another sidecar ends their series while records wait for their entries, then these are refused', async () => {
    let asked = 0;
    const { sink, events } = setUp({
      confirm() {
        asked += 1;
        return Promise.resolve();
      },
      // Not when it is asked before the entry, but when it is asked after it.
      endedSeconds: () => (asked > 1 ? 5 : 0),
    });
    const { report, acknowledged, refused } = createReport();
    await sink.deliver([{ ...opening('a'), takenAtMs: 5000 }], report, forever);
    expect(events).toEqual(['enter a']);
    expect([acknowledged.length, refused.length]).toEqual([0, 1]);
  });

  test('when records wait for their entries, then the sink says what keeps them', async () => {
    const { sink, ledger } = setUp();
    ledger.isAway = true;
    const stopped = new AbortController();
    const delivered = sink.deliver([opening('a')], createReport().report, stopped.signal);
    await Promise.resolve();
    expect(sink.condition()).toEqual({ state: 'faulty', reason: 'records wait, because away', sinceMs: 0 });
    stopped.abort(new Error('stopped'));
    await expect(delivered).rejects.toThrow('stopped');
    expect(sink.condition()).toMatchObject({ state: 'ok' });
  });

  test('when a span is closed, then the ledger forgets it only after the records have gone', async () => {
    const { sink, time, events } = setUp();
    await sink.deliver([closing('a')], createReport().report, forever);
    expect(events).toEqual(['deliver a']);
    await time.advance(50);
    expect(events).toEqual(['deliver a', 'enter a gone']);
  });

  test('when a span is being closed while others are settled, then the ledger forgets it only after its records have gone', async () => {
    const { sink, ledger, time, events, hold } = setUp();
    await sink.deliver([opening('a')], createReport().report, forever);
    const release = hold();
    // What has settled of the first delivery is entered while the second is under way.
    const delivered = sink.deliver([closing('a'), closing('b')], createReport().report, forever);
    await time.advance(50);
    expect(events).toEqual(['enter a', 'deliver a', 'deliver a', 'deliver b', 'enter a']);
    expect(ledger.entries.has('a')).toBe(true);
    release();
    await delivered;
    await time.advance(50);
    expect(events.slice(5)).toEqual(['enter a gone', 'enter b gone']);
  });

  test('when one span of a group is opened and another closed, then the entry names both until they have gone', async () => {
    const { sink, ledger, time } = setUp();
    const other = '[["group","status",[]]]';
    const both = {
      ...sampleOf('a', ['0', '0']),
      spans: change('a', { open: spans, opened: spans, closed: other }),
    };
    await sink.deliver([both], createReport().report, forever);
    expect(ledger.entries.get('a')).toContain(`"closed":[${other}]`);
    await time.advance(50);
    expect(ledger.entries.get('a')).not.toContain('status');
  });

  test('when no span changes, then nothing is entered', async () => {
    const { sink, time, events } = setUp();
    await sink.deliver([sampleOf('a', ['v'])], createReport().report, forever);
    await time.advance(50);
    expect(events).toEqual(['deliver a']);
  });

  test('when deliveries follow each other, then what is settled is entered with what comes', async () => {
    const { sink, ledger, events } = setUp();
    await sink.deliver([opening('a'), closing('b')], createReport().report, forever);
    await sink.deliver([opening('c')], createReport().report, forever);
    expect(events).toEqual([
      'enter a',
      'deliver a',
      'deliver b',
      'enter a',
      'enter b gone',
      'enter c',
      'deliver c',
    ]);
    expect(ledger.written).toHaveLength(4);
  });

  test('when samples with a place on disk have arrived, then the next entry says how far that came', async () => {
    const { sink, ledger, time, events } = setUp();
    const at = (index: number) => ({ store: 's', life: 2, index });
    await sink.deliver([{ ...opening('a'), place: at(4) }], createReport().report, forever);
    await sink.deliver([{ ...sampleOf('b', ['v 1']), place: at(5) }], createReport().report, forever);
    await sink.deliver([sampleOf('c', ['v 1'])], createReport().report, forever);
    // Before it has arrived, nothing says so.
    expect(events.indexOf('enter mark')).toBe(-1);
    await time.advance(50);
    expect(readMark(ledger.entries.get('mark') ?? undefined)).toEqual({ v: 1, place: at(5) });
    const entered = ledger.written.length;
    await sink.deliver([sampleOf('d', ['v 1'])], createReport().report, forever);
    await time.advance(50);
    expect(ledger.written).toHaveLength(entered);
  });

  test('when it is stopped, then what is settled is entered first', async () => {
    const { sink, events } = setUp();
    await sink.deliver([closing('a')], createReport().report, forever);
    await sink.stop(forever);
    expect(events.at(-1)).toBe('enter a gone');
  });

  test('when the ledger is away, then a delivery ends with its signal', async () => {
    const { sink, ledger, events } = setUp();
    ledger.isAway = true;
    const giveUp = new AbortController();
    const delivery = sink.deliver([opening('a')], createReport().report, giveUp.signal);
    giveUp.abort(new Error('no more time'));
    await expect(delivery).rejects.toThrow('no more time');
    expect(events).toEqual(['enter a']);
  });
});

describe('given spans that end under one identity and begin under the next', () => {
  const owner = { about: 'group', cluster: 'prod', name: 'workers' } as const;
  const identityOf = (dc: string) =>
    ({ prefix: 'burrow', naming: 'rainbow', tags: { dc }, seriesTags: [] }) as const;
  const under = (dc: string, sample: EncodedSample): EncodedSample => ({
    ...sample,
    spans: { ...sample.spans!, as: JSON.stringify(identityOf(dc)) },
  });
  const batch = [under('old', closing('a')), sampleOf('b', ['v']), under('new', opening('a'))];

  test('when they are delivered at once, then what ends arrives before what begins is entered', async () => {
    const { sink, events } = setUp();
    const { report, acknowledged } = createReport();
    await sink.deliver(batch, report, forever);
    expect(events).toEqual(['deliver a', 'deliver b', 'enter a', 'deliver a']);
    expect(acknowledged).toHaveLength(3);
  });

  test('when the process dies at any step of it, then the entry names what may be open by its own identity', async () => {
    const { sink, ledger, time } = setUp();
    const told = (): unknown => {
      const value = ledger.entries.get('a');
      const entry = value === undefined ? null : readEntry(value, owner);
      return entry && [entry.identity.tags['dc'], entry.spans.map(({ isClosing }) => isClosing)];
    };
    await sink.deliver([under('old', opening('a'))], createReport().report, forever);
    expect(told()).toEqual(['old', [false]]);
    await sink.deliver([batch[0]!], createReport().report, forever);
    expect(told()).toEqual(['old', [false]]);
    await sink.deliver([batch[2]!], createReport().report, forever);
    expect(told()).toEqual(['new', [false]]);
    await time.advance(50);
    expect(told()).toEqual(['new', [false]]);
    await sink.deliver([under('new', closing('a'))], createReport().report, forever);
    await time.advance(50);
    expect(told()).toBeNull();
  });
});
