import { batch, signal, type ReadonlySignal } from '@preact/signals';
import type { GroupListRow } from '../../http/api/contract/groups.ts';
import type { Overview } from '../../http/api/contract/overview.ts';
import type { EventData } from '../../http/api/contract/events.ts';
import { GROUPS_PER_ANSWER, RefusalError, type ApiClient } from './api-client.ts';
import { createEventStream, type Connection, type LiveEvent } from './event-stream.ts';
import { createGroupBook, type GroupBook } from './group-book.ts';

/** What every page shows, kept up to date by the stream of events. */
export interface LiveData {
  readonly api: ApiClient;
  readonly connection: ReadonlySignal<Connection>;
  /** Null until the first snapshot is there. */
  readonly overview: ReadonlySignal<Overview | null>;
  /** Why the newest snapshot is not there; null: it is, or it is on its way for the first time. */
  readonly trouble: ReadonlySignal<Error | null>;
  readonly groups: GroupBook;
  /** The newest minute of traffic, as it ended. */
  readonly minute: ReadonlySignal<EventData['traffic'] | null>;
  /** The sidecar's clock, to the second, for ages. */
  readonly nowMs: ReadonlySignal<number>;
  /** The reader's clock, to the second. */
  readonly readerMs: ReadonlySignal<number>;
  /** Tries to connect at once. */
  retry(): void;
}

const OVERVIEW_EVERY_MS = 15_000;
/** The most events that are kept while a snapshot is fetched; with more of them the snapshot is fetched anew. */
const MOST_WAITING = 200;
/**
 * The groups change at most this often. Everything that is drawn of them comes from the book as it is at that moment:
 * rows, figures, order and counts. Rows that move every second cannot be read.
 */
const SHOW_EVERY_MS = 3000;

export function createLiveData(api: ApiClient): LiveData {
  const connection = signal<Connection>({ state: 'connecting' });
  const overview = signal<Overview | null>(null);
  const trouble = signal<Error | null>(null);
  const minute = signal<EventData['traffic'] | null>(null);
  const groups = createGroupBook();
  const ending = new AbortController();
  let aheadMs = 0;
  const nowMs = signal(Date.now());
  const readerMs = signal(Date.now());
  let isLoading = false;
  let fetching = new AbortController();
  /** Events that the book does not have yet, oldest first. */
  let coming: EventData['groups'][] = [];
  let shownAtMs = -Infinity;
  let showing = 0;

  function setClock(serverMs: number): void {
    aheadMs = serverMs - Date.now();
    tick();
  }

  function tick(): void {
    batch(() => {
      readerMs.value = Date.now();
      nowMs.value = readerMs.value + aheadMs;
    });
  }

  async function loadSnapshot(): Promise<void> {
    fetching.abort();
    const own = new AbortController();
    fetching = own;
    isLoading = true;
    coming = [];
    // What comes from now on is for the new snapshot.
    clearTimeout(showing);
    const signal = AbortSignal.any([own.signal, ending.signal]);
    try {
      const [seen, list] = await Promise.all([api.overview(signal), fetchGroups(signal)]);
      if (own.signal.aborted) return;
      batch(() => {
        setClock(seen.nowMs);
        overview.value = seen;
        trouble.value = null;
        groups.load(list.rows, list.newestStepMs, seen.history.stepMs);
        showGroups();
      });
      isLoading = false;
    } catch (error) {
      if (own.signal.aborted) return;
      isLoading = false;
      trouble.value = error instanceof Error ? error : new Error(String(error));
      const isRefused = error instanceof RefusalError && error.status === 401;
      // Without a snapshot there is nothing to show: try again. Where a token is missing, the stream reports it.
      if (!isRefused) setTimeout(() => void loadSnapshot(), 3000);
    }
  }

  async function fetchGroups(signal: AbortSignal): Promise<{ rows: GroupListRow[]; newestStepMs: number }> {
    const first = await api.groups(0, signal);
    const rows = [...first.rows];
    for (let offset = GROUPS_PER_ANSWER; offset < first.total; offset += GROUPS_PER_ANSWER) {
      rows.push(...(await api.groups(offset, signal)).rows);
    }
    return { rows, newestStepMs: first.newestStepMs };
  }

  /** By the event and by a timer: where nobody looks at the page, the browser slows timers down. */
  function showGroupsSoon(): void {
    const restMs = shownAtMs + SHOW_EVERY_MS - performance.now();
    clearTimeout(showing);
    if (restMs <= 0) showGroups();
    else showing = setTimeout(showGroups, restMs);
  }

  function showGroups(): void {
    shownAtMs = performance.now();
    const events = coming;
    coming = [];
    batch(() => {
      for (const event of events) groups.apply(event);
    });
  }

  async function refreshOverview(): Promise<void> {
    if (connection.value.state !== 'live' || overview.value === null || document.hidden) return;
    const seen = await api.overview(ending.signal).catch(() => null);
    if (seen === null) return;
    setClock(seen.nowMs);
    overview.value = seen;
  }

  function take(event: LiveEvent): void {
    switch (event.kind) {
      case 'reset':
        void loadSnapshot();
        break;
      case 'groups':
        coming.push(event.data);
        if (!isLoading) showGroupsSoon();
        else if (coming.length > MOST_WAITING) void loadSnapshot();
        break;
      case 'traffic':
        minute.value = event.data;
        break;
      case 'health':
        if (overview.value !== null) overview.value = { ...overview.value, health: event.data };
        break;
    }
  }

  const stream = createEventStream({
    api,
    onEvent: (event) => batch(() => take(event)),
    onConnection(state) {
      connection.value = state;
      // What is in no event, and the clock: the reader's may have been set meanwhile.
      void refreshOverview();
    },
  });
  document.addEventListener('visibilitychange', () => void refreshOverview());
  setInterval(tick, 1000);
  setInterval(() => void refreshOverview(), OVERVIEW_EVERY_MS);
  return {
    api,
    connection,
    overview,
    trouble,
    groups,
    minute,
    nowMs,
    readerMs,
    retry: () => stream.retry(),
  };
}
