import type { Overview } from '../http/api/contract/overview.ts';
import type { Clock, Scheduler } from '../platform/clock.ts';
import { sleep } from '../platform/clock.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import type { GroupsRequest, TopApi } from './top-api.ts';
import type { TopModel } from './top-model.ts';
import type { GroupName } from './top-state.ts';

/** What the screen shows, and so what to fetch. */
export type Wanted =
  | { readonly kind: 'groups'; readonly request: GroupsRequest }
  | { readonly kind: 'group'; readonly name: GroupName };

export interface TopFeedDeps {
  readonly api: TopApi;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Called when the model has changed. */
  readonly onChange: () => void;
}

/** Keeps a model up to date: fetches again and again, also after failures. */
export interface TopFeed {
  model(): TopModel;
  /** What to fetch from now on; at once where that is new. */
  want(wanted: Wanted): void;
  /** While paused, fetches only what is newly wanted. */
  pause(isPaused: boolean): void;
  /**
   * While held, rows, their figures and their order stay as they are; the sidecar's health does not. Other rows that are
   * newly wanted come all the same.
   */
  hold(isHeld: boolean): void;
  /** Fetches until the signal aborts. Rejects only for a programmer's error. */
  run(signal: AbortSignal): Promise<void>;
}

/**
 * It polls and does not read the stream of events: a list that the sidecar has sorted and cut to the screen is small
 * however many groups there are, and a gap leaves nothing to repair.
 */
export function createTopFeed(
  { api, clock, scheduler, onChange }: TopFeedDeps,
  { url, hint, intervalMs }: { readonly url: string; readonly hint?: string; readonly intervalMs: number },
): TopFeed {
  let model: TopModel = {
    url,
    ...(hint !== undefined && { hint }),
    link: { kind: 'connecting' },
    aheadMs: 0,
    isHeld: false,
    overview: null,
    list: null,
    detail: null,
    isGroupGone: false,
  };
  let wanted: Wanted | null = null;
  let asked = '';
  /** What the rows on hand are the answer to. */
  let shown = '';
  let isPaused = false;
  let wake: () => void = () => undefined;

  function isNew(): boolean {
    return wanted !== null && JSON.stringify(wanted) !== asked;
  }

  function lose(reason: string): void {
    const { link } = model;
    const sinceMs = link.kind === 'live' ? link.heardMs : link.kind === 'lost' ? link.sinceMs : clock.nowMs();
    model = { ...model, link: { kind: 'lost', sinceMs, reason } };
    onChange();
  }

  async function ask(signal: AbortSignal): Promise<void> {
    const wants = wanted;
    if (wants === null) return;
    const key = JSON.stringify(wants);
    asked = key;
    try {
      const [overview, answer] = await Promise.all([
        api.overview(signal),
        isHeldNow(key) ? null : askFor(wants, signal),
      ]);
      take(overview, key, answer);
    } catch (error) {
      if (signal.aborted) return;
      if (!hasCode(error, 'API_FAILED', 'API_UNKNOWN_GROUP')) throw error;
      lose(error.message);
    }
  }

  function isHeldNow(key: string): boolean {
    return model.isHeld && key === shown;
  }

  /** @param answer null: the rows were held when it was asked for */
  function take(overview: Overview, key: string, answer: Partial<TopModel> | null): void {
    const nowMs = clock.nowMs();
    const isHeld = answer === null || isHeldNow(key);
    // The sums are of the moment that the rows are of.
    const clusters = (isHeld ? model.overview?.clusters : undefined) ?? overview.clusters;
    // The screen may show something else by now; the answer is used all the same.
    model = {
      ...model,
      ...(!isHeld && answer),
      overview: { ...overview, clusters },
      link: { kind: 'live', heardMs: nowMs },
      aheadMs: overview.nowMs - nowMs,
    };
    shown = key;
    onChange();
  }

  async function askFor(wants: Wanted, signal: AbortSignal): Promise<Partial<TopModel>> {
    if (wants.kind === 'groups') return { list: await api.groups(wants.request, signal) };
    const { cluster, group } = wants.name;
    try {
      return { detail: await api.group(cluster, group, signal), isGroupGone: false };
    } catch (error) {
      if (hasCode(error, 'API_UNKNOWN_GROUP')) return { isGroupGone: true };
      throw error;
    }
  }

  /** Waits until it is time to fetch, or something is newly wanted. */
  async function rest(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    wake = () => woken.abort();
    const either = AbortSignal.any([signal, woken.signal]);
    if (isNew()) return;
    // While paused, only a call wakes it.
    await sleep(scheduler, isPaused ? 2 ** 31 - 1 : intervalMs, either).catch(() => undefined);
  }

  return {
    model: () => model,
    want(next) {
      const isOther = next.kind === 'group' && !isSameGroup(wanted, next);
      wanted = next;
      if (isOther) model = { ...model, detail: null, isGroupGone: false };
      if (isNew()) wake();
    },
    pause(paused) {
      if (paused === isPaused) return;
      isPaused = paused;
      wake();
    },
    hold(isHeld) {
      if (isHeld === model.isHeld) return;
      model = { ...model, isHeld };
      if (isHeld) return;
      // An answer without rows may be on its way: rows are fetched after it, too.
      if (!isPaused) asked = '';
      wake();
    },
    async run(signal) {
      while (!signal.aborted) {
        if (!isPaused || isNew()) await ask(signal);
        await rest(signal);
      }
    },
  };
}

function isSameGroup(before: Wanted | null, next: Wanted): boolean {
  return before?.kind === 'group' && JSON.stringify(before) === JSON.stringify(next);
}
