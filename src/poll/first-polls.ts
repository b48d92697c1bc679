import type { Logger } from 'pino';

import type { Clock, Scheduler } from '../platform/clock.ts';
import { logSeconds } from '../platform/log-seconds.ts';
import type { Handler } from './handler.ts';

/** How far the first polls of all groups are. */
export interface FirstPollsProgress {
  readonly polledGroups: number;
  readonly groups: number;
}

/** Reports how far the first polls are: with thousands of groups they take a while. */
export interface FirstPolls {
  /** A discovery is over: there may be groups that were never polled. */
  discovered(): void;
  /** Null: every group has been polled once, or none is known yet. */
  progress(): FirstPollsProgress | null;
  stop(): void;
}

export interface FirstPollsDeps {
  /** The handlers of all groups. */
  readonly groups: () => Iterable<Pick<Handler, 'hasPolled'>>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly log: Logger;
}

const LOOK_EVERY_MS = 1000;
/** Looks between two lines of the log. */
const LOOKS_A_LINE = 5;
/** So many new groups at once are another start: Burrow had not yet read its own topics before. */
const MANY = 1000;

/** See {@link FirstPolls}. A poll that failed counts, too: what is wrong with Burrow is said elsewhere. */
export function createFirstPolls({ groups, clock, scheduler, log }: FirstPollsDeps): FirstPolls {
  let startedAtMs: number | null = null;
  let wasEverDone = false;
  let looks = 0;
  let cancel = (): void => undefined;

  function count(): FirstPollsProgress {
    let polledGroups = 0;
    let all = 0;
    for (const handler of groups()) {
      all += 1;
      if (handler.hasPolled()) polledGroups += 1;
    }
    return { polledGroups, groups: all };
  }

  function look(): void {
    cancel = scheduler.after(LOOK_EVERY_MS, () => {
      const { polledGroups, groups: all } = count();
      looks += 1;
      if (polledGroups === all) {
        const tookSeconds = logSeconds(clock.nowMs() - (startedAtMs ?? 0));
        log.info({ groups: all, tookSeconds }, 'every group has been polled once');
        startedAtMs = null;
        wasEverDone = true;
        return;
      }
      if (looks % LOOKS_A_LINE === 0) log.info({ polledGroups, groups: all }, 'first polls are under way');
      look();
    });
  }

  return {
    discovered() {
      if (startedAtMs !== null) return;
      const { polledGroups, groups: all } = count();
      if (all - polledGroups < (wasEverDone ? MANY : 1)) return;
      startedAtMs = clock.nowMs();
      looks = 0;
      look();
    },
    progress() {
      if (startedAtMs === null) return null;
      const progress = count();
      return progress.polledGroups < progress.groups ? progress : null;
    },
    stop() {
      cancel();
      startedAtMs = null;
      // Whatever is discovered yet while all comes to its end is no start.
      wasEverDone = true;
    },
  };
}
