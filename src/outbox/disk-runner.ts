import type { Logger } from 'pino';
import type { Clock, Scheduler } from '../platform/clock.ts';
import type { Condition } from '../platform/condition-tracker.ts';
import { createStoreOpener } from '../store/store-opener.ts';
import { StoreFault, type Change, type OpenStore, type Store } from '../store/store.ts';
import { withDeadlines } from '../store/timed-store.ts';
import {
  add,
  chunkKey,
  decodeChunk,
  decodeNote,
  describeChunk,
  encodeChunk,
  encodeNote,
  NOTHING,
  putChunk,
  putMeta,
  putSpans,
  readContents,
  removeChunk,
  removeSpans,
  type Chunk,
  type Contents,
  type Meta,
  type Sizes,
  type SpanState,
} from './disk-format.ts';
import type { Done, Step, StepOf } from './disk-machine.ts';
import type { DiskOutbox } from './disk-outbox.ts';
import { createGate } from './gate.ts';
import { createDiskReport, type DiskReport } from './outbox-reports.ts';
import { foldBounds, keepBounds, type Waiting } from './zero-bounds.ts';

interface StepRunnerDeps {
  readonly openStore: OpenStore;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly report: DiskReport;
}

/** Does single steps against a store. Those without I/O it leaves as they are. */
export interface StepRunner {
  /** Rejects where it could not be done; everything but a programmer's error is a `StoreFault`. */
  perform(step: Step): Promise<Done>;
  close(): Promise<void>;
}

/** Left free on the disk: the store needs room to tidy up, and breaks where it has none. */
const RESERVE_BYTES = 24 * 1024 * 1024;

export function createStepRunner(deps: StepRunnerDeps, { path }: { readonly path: string }): StepRunner {
  const { clock, report } = deps;
  const opener = createStoreOpener(withDeadlines(deps.openStore, deps.scheduler), path);
  let store: Store | null = null;
  /** Null before the store was opened for the first time. */
  let meta: Meta | null = null;
  /** In which chunk the newest state of each key's spans is. */
  let spansSerial = new Map<string, number>();
  let isNoteSafe = false;
  /** Lost with a store that was moved aside, until a new one could be opened. */
  let untold = NOTHING;

  function opened(): Store {
    if (store === null) throw new StoreFault('failed', `${path}: it is not open`);
    return store;
  }

  function perform(step: Step): Promise<Done> {
    switch (step.do) {
      case 'open':
        return open(step);
      case 'checkRoom':
        return checkRoom(step);
      case 'prove':
        return prove(step);
      case 'write':
        return write(step);
      case 'shrink':
        return shrink(step);
      case 'read':
        return read(step);
      case 'remove':
        return remove(step);
      case 'compact':
        return compact(step);
      case 'gather':
      case 'postpone':
      case 'takeBack':
      case 'rest':
        return Promise.resolve(step);
    }
  }

  async function open(step: StepOf<'open'>): Promise<Done> {
    await closeStore();
    const nowMs = clock.nowMs();
    const found = await (step.moveAside ? opener.setAside(nowMs) : opener.open(nowMs));
    store = found.store;
    if (found.setAsideAs !== null) {
      const known = meta === null ? decodeNote(found.noteAside) : step.unread;
      report.movedAside(found.setAsideAs, known);
      untold = add(untold, known ?? NOTHING);
      meta = null;
    }
    try {
      const contents = meta === null ? await begin(found.store) : null;
      const lost = add(untold, contents?.lost ?? NOTHING);
      untold = NOTHING;
      return { ...step, contents, lost };
    } catch (error) {
      // It opens, but what is in it cannot be read.
      if (step.moveAside || !isDamage(error)) throw error;
      return open({ ...step, moveAside: true });
    }
  }

  async function begin(fresh: Store): Promise<Contents> {
    const contents = await readContents(fresh);
    await fresh.write([putMeta(contents.meta), ...contents.toTidyUp], { durable: true });
    await writeNote(contents.stored);
    ({ meta, spansSerial } = contents);
    report.opened(contents);
    return contents;
  }

  async function closeStore(): Promise<void> {
    await store?.close();
    store = null;
  }

  async function checkRoom(step: StepOf<'checkRoom'>): Promise<Done> {
    if ((await opened().freeBytes()) >= RESERVE_BYTES) return step;
    throw new StoreFault('full', `${path}: the disk is full: free some space`);
  }

  async function prove(step: StepOf<'prove'>): Promise<Done> {
    await opened().write([putNextSerial(step.nextSerial)], { durable: true });
    report.healthy();
    return step;
  }

  function putNextSerial(nextSerial: number): Change {
    if (meta === null) throw new StoreFault('failed', `${path}: it is not open`);
    return putMeta({ ...meta, nextSerial });
  }

  /**
   * The note must never tell of more than there is, or something would seem lost: it is written before samples go, and
   * after they have come.
   */
  async function writeNote(totals: Sizes): Promise<void> {
    isNoteSafe = false;
    await opened().writeNote(encodeNote(totals), { durable: false });
  }

  async function write(step: StepOf<'write'>): Promise<Done> {
    const { gathered, untouched } = step;
    const { chunk, content, waiting } = gathered;
    const { serial } = chunk;
    const newest = new Map<string, SpanState>();
    for (const { sample } of waiting) {
      const { spans, place } = sample;
      if (spans === undefined || place === undefined) continue;
      const { key, open, doubted, as } = spans;
      newest.set(key, { open, doubted, place, ...(as !== undefined && { as }) });
    }
    // What was removed must not come back into the note by a power cut.
    if (!isNoteSafe) await opened().writeNote(encodeNote(untouched), { durable: true });
    isNoteSafe = true;
    await opened().write(
      [
        ...putChunk({ ...chunk, boundsOnly: false }, content),
        putNextSerial(serial + 1),
        ...Array.from(newest, ([key, state]) => putSpans(key, serial, state)),
      ],
      { durable: true },
    );
    for (const key of newest.keys()) spansSerial.set(key, serial);
    await writeNote(add(untouched, chunk)).catch(() => undefined);
    return step;
  }

  /** Null where the chunk is damaged or missing. */
  async function readChunk({ serial }: Chunk): Promise<readonly Waiting[] | null> {
    try {
      const content = await opened().get(chunkKey(serial));
      return content === undefined ? null : decodeChunk(content);
    } catch (error) {
      if (isDamage(error)) return null;
      throw error;
    }
  }

  async function shrink(step: StepOf<'shrink'>): Promise<Done> {
    const { how, chunks, untouched } = step;
    const read: Waiting[] = [];
    let lost = NOTHING;
    for (const chunk of chunks) {
      const waiting = await readChunk(chunk);
      if (waiting === null) lost = add(lost, chunk);
      else read.push(...waiting);
    }
    const changes = chunks.flatMap(({ serial }) => removeChunk(serial));
    const left = how === 'drop' ? null : toChunk(chunks, how === 'fold' ? foldBounds(read) : reduce(read));
    if (left !== null) changes.push(...putChunk({ ...left.chunk, boundsOnly: true }, left.content));
    await writeNote(left === null ? untouched : add(untouched, left.chunk));
    await opened().write(changes, { durable: false });
    if (lost.samples > 0) report.unreadable(lost);
    return { ...step, left: left?.chunk ?? null, read, lost };
  }

  async function read(step: StepOf<'read'>): Promise<Done> {
    const { chunk, isLastAttempt } = step;
    const waiting = await readChunk(chunk).catch((error: unknown) => {
      // A bad spot on the disk must not keep all that lies behind it.
      if (isLastAttempt) return null;
      throw error;
    });
    if (waiting === null) report.unreadable(chunk);
    return { ...step, read: waiting };
  }

  async function remove(step: StepOf<'remove'>): Promise<Done> {
    const { chunks, untouched } = step;
    // The oldest go first, so nothing older than the newest of these is left.
    const newest = chunks.at(-1)?.serial ?? 0;
    const overSpans = [...spansSerial].flatMap(([key, serial]) => (serial <= newest ? [key] : []));
    await writeNote(untouched);
    await opened().write(
      [...chunks.flatMap(({ serial }) => removeChunk(serial)), ...overSpans.map(removeSpans)],
      { durable: false },
    );
    for (const key of overSpans) spansSerial.delete(key);
    return step;
  }

  async function compact(step: StepOf<'compact'>): Promise<Done> {
    await opened().compact();
    return step;
  }

  return { perform, close: closeStore };
}

function reduce(waiting: readonly Waiting[]): readonly Waiting[] {
  return waiting.flatMap(({ sample, offeredMs }) => {
    const bounds = keepBounds(sample);
    return bounds === null ? [] : [{ sample: bounds, offeredMs }];
  });
}

/** One in the place of several. An empty one stays, so that a gap in the serial numbers always means a loss. */
function toChunk(
  chunks: readonly Chunk[],
  kept: readonly Waiting[],
): { chunk: Chunk; content: Buffer } | null {
  const [first, last] = [chunks[0], chunks.at(-1)];
  if (first === undefined || last === undefined) return null;
  const content = encodeChunk(kept);
  const chunk = describeChunk(last.serial, kept, content, last.oldestOfferedMs);
  const from = first.from ?? first.serial;
  return { chunk: from === last.serial ? chunk : { ...chunk, from }, content };
}

function isDamage(error: unknown): boolean {
  return error instanceof StoreFault && error.kind === 'corrupt';
}

export interface DiskRunnerDeps extends Omit<StepRunnerDeps, 'report'> {
  readonly outbox: DiskOutbox;
  readonly monotonicMs: () => number;
  readonly log: Logger;
}

/** Does what a {@link DiskOutbox} says is next, one step after the other. */
export interface DiskRunner {
  /** Opens the store; rejects only where another process has it. Other faults show in `condition`. */
  open(): Promise<void>;
  /** There may be something to do. */
  wake(): void;
  /** Writes everything that waits in memory to disk, as far as possible. */
  save(): Promise<void>;
  /** The same, and closes the store. */
  close(): Promise<void>;
  condition(): Condition;
}

export function createDiskRunner(deps: DiskRunnerDeps, options: { readonly path: string }): DiskRunner {
  const { outbox, monotonicMs } = deps;
  const report = createDiskReport(deps, options);
  const runner = createStepRunner({ ...deps, report }, options);
  const gate = createGate(deps.scheduler);
  let isAwake = false;
  let isClosing = false;
  let closed: Promise<void> | null = null;
  let running: Promise<void> = Promise.resolve();
  let turn: Promise<unknown> = Promise.resolve();

  async function attempt(step: Step): Promise<void> {
    outbox.done(await runner.perform(step), monotonicMs());
  }

  function fail(step: Step, error: unknown): void {
    const fault =
      error instanceof StoreFault
        ? error
        : new StoreFault('failed', `${options.path}: it cannot be used`, error);
    outbox.failed(step, fault.kind, monotonicMs());
    report.faulty(fault);
  }

  function nextStep(isSaving: boolean): Step {
    return outbox.nextStep(monotonicMs(), isSaving || isClosing);
  }

  /** Does all that can be done now. Says after how long to look again. */
  async function work(isSaving: boolean): Promise<number | undefined> {
    for (;;) {
      const step = nextStep(isSaving);
      if (step.do === 'rest') return step.atMostMs;
      await attempt(step).catch((error: unknown) => fail(step, error));
    }
  }

  /** One after the other: the store takes one call at a time. */
  function workInTurn(isSaving: boolean): Promise<number | undefined> {
    const done = turn.then(() => work(isSaving));
    turn = done;
    return done;
  }

  const mayRest = (): boolean => !isAwake && !isClosing;

  async function run(): Promise<void> {
    while (!isClosing) {
      isAwake = false;
      const restMs = await workInTurn(false);
      if (mayRest()) await gate.wait(restMs);
    }
  }

  async function close(): Promise<void> {
    isClosing = true;
    gate.open();
    await running;
    await workInTurn(true);
    await runner.close();
  }

  return {
    async open() {
      for (let isFaulty = false; outbox.mode() === 'broken' && !isFaulty;) {
        const step = nextStep(false);
        try {
          await attempt(step);
        } catch (error) {
          if (error instanceof StoreFault && error.kind === 'locked') throw error;
          fail(step, error);
          isFaulty = true;
        }
      }
      running = run();
    },
    wake() {
      isAwake = true;
      gate.open();
    },
    async save() {
      if (closed === null) await workInTurn(true);
    },
    close() {
      closed ??= close();
      return closed;
    },
    condition: () => report.condition(),
  };
}
