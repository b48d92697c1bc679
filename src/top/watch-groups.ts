import type { ReadStream, WriteStream } from 'node:tty';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { drawScreen, rowsThatFit } from './draw-screen.ts';
import { createFrameWriter } from './frame-writer.ts';
import { pressKey, type Key } from './press-key.ts';
import type { Style } from './style.ts';
import { createTerminal, type Terminal } from './terminal.ts';
import type { TopApi } from './top-api.ts';
import { createTopFeed, type TopFeed } from './top-feed.ts';
import { FIRST_STATE, follow, groupsRequest, within, type Surroundings, type TopState } from './top-state.ts';

export interface WatchDeps {
  readonly api: TopApi;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** Receives what restores the terminal, to be called when the process crashes. */
  readonly onCrash: (restore: () => void) => void;
  /**
   * Puts the process into the background, and calls back when it is in the foreground again. Where nothing can bring it
   * back (it is the only program of its window or container), it does not stop, and is called back all the same.
   */
  readonly suspend: (onBack: () => void) => void;
}

export interface WatchOptions {
  readonly url: string;
  readonly style: Style;
  readonly intervalMs: number;
  /** Shown while there is nothing that a person must know. */
  readonly hint?: string;
}

/** How often the ages on the screen are updated. */
const TICK_MS = 1000;
/** For this long after a person has moved in a list its order stays. */
const HOLD_MS = 5000;

/** Shows the groups on a terminal until a key ends it, or the signal, and gives the terminal back. */
export async function watchGroups(
  deps: WatchDeps,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const { api, clock, scheduler, stdin, stdout, onCrash, suspend } = deps;
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  const frames = createFrameWriter();
  let state = FIRST_STATE;
  let isDue = false;
  let isInBackground = false;
  let isHeld = false;
  let cancelHold = (): void => undefined;

  const terminal: Terminal = createTerminal({
    stdin,
    stdout,
    onKey,
    onResize() {
      state = within(state, around());
      look();
    },
    onGone: () => ending.abort(),
  });
  const feed: TopFeed = createTopFeed(
    {
      api,
      clock,
      scheduler,
      onChange() {
        const rows = feed.model().list?.rows ?? [];
        const offset = feed.model().list?.offset ?? 0;
        state = follow(
          state,
          around(),
          [...rows.keys()].map((index) => index + offset),
        );
        look();
      },
    },
    options,
  );

  function around(): Surroundings {
    const { list, overview, detail } = feed.model();
    return {
      total: list?.total ?? 0,
      groupRows: rowsOf('groups'),
      partitionRows: rowsOf('group'),
      partitions: detail?.partitions.length ?? 0,
      clusters: overview?.clusters.map(({ name }) => name) ?? [],
      nameAt(row) {
        const found = list?.rows[row - list.offset];
        return found === undefined ? null : { cluster: found[0], group: found[1] };
      },
    };
  }

  function rowsOf(screen: TopState['screen']): number {
    return rowsThatFit({ ...state, screen }, feed.model(), terminal.size(), options.style, clock.nowMs());
  }

  function onKey(key: Key): void {
    if (key.isControl && key.name === 'z') {
      terminal.close();
      isInBackground = true;
      suspend(() => {
        isInBackground = false;
        if (ended.aborted) return;
        terminal.open();
        frames.forget();
        draw();
      });
      return;
    }
    if (key.isControl && key.name === 'l') frames.forget();
    const { moves } = state;
    state = pressKey(state, key, around());
    holdFor(state.moves === moves ? 0 : HOLD_MS);
    if (state.isOver) ending.abort();
    else look();
  }

  /** By a timer, since the clock may be set back. @param holdMs 0: no longer */
  function holdFor(holdMs: number): void {
    cancelHold();
    isHeld = holdMs > 0;
    if (!isHeld) return;
    cancelHold = scheduler.after(holdMs, () => {
      isHeld = false;
      look();
    });
  }

  /** Fetches what is shown now, and draws once for all changes of this turn. */
  function look(): void {
    feed.pause(state.isPaused);
    feed.hold(isHeld);
    feed.want(wantedBy(state));
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      draw();
    });
  }

  function wantedBy({ opened }: TopState) {
    return opened === null
      ? ({ kind: 'groups', request: groupsRequest(state, rowsOf('groups')) } as const)
      : ({ kind: 'group', name: opened } as const);
  }

  function draw(): void {
    if (ended.aborted || isInBackground) return;
    const size = terminal.size();
    const text = frames.draw(drawScreen(state, feed.model(), size, options.style, clock.nowMs()), size);
    if (text !== '') terminal.write(text);
  }

  let cancelTick = (): void => undefined;
  function tick(): void {
    cancelTick = scheduler.after(TICK_MS, () => {
      look();
      tick();
    });
  }

  onCrash(() => terminal.close());
  terminal.open();
  try {
    look();
    tick();
    await feed.run(ended);
  } finally {
    cancelTick();
    cancelHold();
    terminal.close();
  }
}
