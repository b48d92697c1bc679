import { GROUP_SORTS } from '../http/api/contract/groups.ts';
import { refollow, STATUS_FILTERS, within, type Surroundings, type TopState } from './top-state.ts';

/** One key that was pressed. */
export interface Key {
  /** Its name, where it has one: `up`, `pagedown`, `return`, `escape`, `a`. */
  readonly name: string;
  /** What it would write; '' for none. */
  readonly text: string;
  readonly isControl: boolean;
}

const MOST_SEARCHED = 200;

/** The state after a key. */
export function pressKey(state: TopState, key: Key, around: Surroundings): TopState {
  if (key.isControl && key.name === 'c') return { ...state, isOver: true };
  if (state.searchBefore !== null) return type(state, key);
  switch (state.screen) {
    case 'help':
      return pressAnywhere(state, key) ?? { ...state, screen: state.opened === null ? 'groups' : 'group' };
    case 'group':
      return pressAnywhere(state, key) ?? within(pressInGroup(state, key, around), around);
    case 'groups':
      return pressAnywhere(state, key) ?? pressInGroups(state, key, around);
  }
}

function pressAnywhere(state: TopState, { name, text }: Key): TopState | null {
  if (text === 'q') return { ...state, isOver: true };
  if (text === 'p') return { ...state, isPaused: !state.isPaused };
  if (state.screen !== 'help' && (text === '?' || text === 'h' || name === 'f1')) {
    return { ...state, screen: 'help' };
  }
  return null;
}

function pressInGroups(state: TopState, key: Key, around: Surroundings): TopState {
  const { cursor } = state;
  const to = moved(key, cursor, around.groupRows, around.total);
  if (to !== null) {
    // A page moves the screen with the cursor, which stays on its line.
    const isPage = key.name === 'pageup' || key.name === 'pagedown';
    const first = isPage ? state.first + to - cursor : state.first;
    return refollow(within({ ...state, cursor: to, first, moves: state.moves + 1 }, around), around);
  }
  if (key.name === 'return') {
    const opened = around.nameAt(cursor);
    return opened === null ? state : { ...state, screen: 'group', opened, firstPartition: 0 };
  }
  const steps = GROUP_SORTS.length;
  switch (key.text) {
    case 's':
    case '>':
      return fromTop({ ...state, sort: (state.sort + 1) % steps, isReversed: false });
    case '<':
      return fromTop({ ...state, sort: (state.sort + steps - 1) % steps, isReversed: false });
    case 'r':
      return fromTop({ ...state, isReversed: !state.isReversed });
    case 'f':
      return fromTop({ ...state, statusFilter: (state.statusFilter + 1) % STATUS_FILTERS.length });
    case 'c':
      return fromTop({ ...state, cluster: nextCluster(state.cluster, around.clusters) });
    case '/':
      return { ...state, searchBefore: state.search };
  }
  if (key.name === 'escape') return fromTop({ ...state, search: '', statusFilter: 0, cluster: null });
  return state;
}

function pressInGroup(state: TopState, key: Key, around: Surroundings): TopState {
  if (['escape', 'backspace', 'left', 'return'].includes(key.name))
    return { ...state, screen: 'groups', opened: null };
  if (key.text === 's' || key.text === '<' || key.text === '>') {
    return { ...state, partitionOrder: state.partitionOrder === 'lag' ? 'name' : 'lag', firstPartition: 0 };
  }
  const to = moved(key, state.firstPartition, around.partitionRows, around.partitions);
  return to === null ? state : { ...state, firstPartition: to, moves: state.moves + 1 };
}

/** While a search is typed, each letter changes the list at once. */
function type(state: TopState, { name, text, isControl }: Key): TopState {
  const { search, searchBefore } = state;
  if (name === 'return') return { ...state, searchBefore: null };
  if (name === 'escape') return fromTop({ ...state, search: searchBefore ?? '', searchBefore: null });
  if (name === 'backspace') return fromTop({ ...state, search: search.replace(/.$/su, '') });
  if (isControl && name === 'u') return fromTop({ ...state, search: '' });
  if (isControl || text === '' || /\p{C}/u.test(text)) return state;
  return fromTop({ ...state, search: (search + text).slice(0, MOST_SEARCHED) });
}

function fromTop(state: TopState): TopState {
  return { ...state, cursor: 0, first: 0, followed: null };
}

/** Null: not a key that moves. */
function moved({ name, text }: Key, from: number, page: number, total: number): number | null {
  switch (name) {
    case 'up':
      return from - 1;
    case 'down':
      return from + 1;
    case 'pageup':
      return from - page;
    case 'pagedown':
      return from + page;
    case 'home':
      return 0;
    case 'end':
      return total - 1;
  }
  switch (text) {
    case 'k':
      return from - 1;
    case 'j':
      return from + 1;
    case ' ':
      return from + page;
    case 'g':
      return 0;
    case 'G':
      return total - 1;
    default:
      return null;
  }
}

function nextCluster(cluster: string | null, clusters: readonly string[]): string | null {
  const index = cluster === null ? -1 : clusters.indexOf(cluster);
  return clusters[index + 1] ?? null;
}
