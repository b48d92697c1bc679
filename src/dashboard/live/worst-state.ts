import type { Overview } from '../../http/api/contract/overview.ts';
import { SEVERITY, STATUSES, type Status } from '../../words/statuses.ts';
import { countStatuses } from './group-counts.ts';
import type { GroupBook } from './group-book.ts';
import { ALL_GROUPS } from './group-order.ts';

/** The worst of all that the page knows, in few words: they stand first in the title of the window. */
export interface WorstState {
  /** `2 ERR`, `Connection lost`; blank: all is well, or nothing is known yet. */
  readonly words: string;
  readonly tone: Tone;
}
export type Tone = 'ok' | 'warn' | 'err' | 'odd' | 'none';

const TONES: Readonly<Record<Status, Tone>> = {
  ERR: 'err',
  STOP: 'err',
  STALL: 'err',
  REWIND: 'odd',
  WARN: 'warn',
  UNKNOWN: 'none',
  NOTFOUND: 'none',
  OK: 'ok',
};

/** What the page cannot see is worse than what it sees: then it may show an old picture. */
export function worstState(
  connection: { readonly state: 'connecting' | 'live' | 'lost' | 'refused' },
  overview: Overview | null,
  groups: GroupBook,
): WorstState {
  if (connection.state === 'refused') return { words: 'Token needed', tone: 'none' };
  if (connection.state === 'lost') return { words: 'Connection lost', tone: 'err' };
  if (overview === null) return { words: '', tone: 'none' };
  const { parts } = overview.health;
  const unavailable = parts.find(({ status }) => status === 'unavailable');
  if (unavailable !== undefined) return { words: `${unavailable.name} unavailable`, tone: 'err' };
  const counts = countStatuses(groups, ALL_GROUPS);
  const worst = STATUSES.find((status) => counts.has(status));
  const ofGroups: WorstState =
    worst === undefined || worst === 'OK'
      ? { words: '', tone: worst === undefined ? 'none' : 'ok' }
      : { words: `${counts.get(worst) ?? 0} ${worst}`, tone: TONES[worst] };
  const degraded = parts.find(({ status }) => status === 'degraded');
  if (degraded === undefined || (worst !== undefined && SEVERITY[worst] >= SEVERITY.WARN)) return ofGroups;
  return { words: `${degraded.name} degraded`, tone: 'warn' };
}
