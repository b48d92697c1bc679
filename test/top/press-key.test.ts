import { describe, expect, test } from 'vitest';
import { pressKey, type Key } from '../../src/top/press-key.ts';
import {
  FIRST_STATE,
  follow,
  groupsRequest,
  within,
  type Surroundings,
  type TopState,
} from '../../src/top/top-state.ts';

const PAGE = 10;
const NAMED = new Set(['up', 'down', 'pageup', 'pagedown', 'home', 'end', 'return', 'escape', 'backspace']);

function around(changes: Partial<Surroundings> = {}): Surroundings {
  return {
    total: 100,
    groupRows: PAGE,
    partitionRows: PAGE,
    partitions: 25,
    clusters: ['orders', 'payments'],
    nameAt: (row) => ({ cluster: 'orders', group: `group-${row}` }),
    ...changes,
  };
}

function keyOf(word: string): Key {
  if (word.startsWith('ctrl-')) return { name: word.slice(5), text: '', isControl: true };
  return NAMED.has(word)
    ? { name: word, text: '', isControl: false }
    : { name: word, text: word, isControl: false };
}

/** The state after these keys, names or characters, with spaces between. */
function press(keys: string, from: TopState = FIRST_STATE, surroundings = around()): TopState {
  return keys.split(' ').reduce((state, key) => pressKey(state, keyOf(key), surroundings), from);
}

describe('given a list of a hundred groups on ten rows', () => {
  test.each([
    ['down down', 2, 0],
    ['up', 0, 0],
    ['end', 99, 90],
    ['end up', 98, 90],
    ['end home', 0, 0],
    ['pagedown', 10, 10],
    ['down pagedown', 11, 10],
    ['pagedown pageup', 0, 0],
    ['down down pagedown pagedown pagedown up up up', 29, 29],
    ['G', 99, 90],
    ['j j k', 1, 0],
  ])('when %s is pressed, then the cursor is at %i and the screen begins at %i', (keys, cursor, first) => {
    expect(press(keys)).toMatchObject({ cursor, first });
  });

  test('when the cursor has moved, then it follows its group to another row, on the same line of the screen', () => {
    const state = press('pagedown down');
    expect(state.followed).toEqual({ cluster: 'orders', group: 'group-11' });
    const moved = around({ nameAt: (row) => ({ cluster: 'orders', group: `group-${row - 30}` }) });
    const rows = Array.from({ length: 100 }, (_, row) => row);
    expect(follow(state, moved, rows)).toMatchObject({ cursor: 41, first: 40 });
  });

  test('when the cursor is on the first row, then it stays there, whatever group comes', () => {
    const other = around({ nameAt: (row) => ({ cluster: 'orders', group: `group-${row + 5}` }) });
    expect(follow(press('down up'), other, [0, 1, 2])).toMatchObject({ cursor: 0, first: 0 });
  });

  test('when its group goes to where the screen does not reach, then the first rows are still shown', () => {
    const moved = around({ nameAt: (row) => ({ cluster: 'orders', group: `group-${row - 30}` }) });
    const rows = Array.from({ length: 100 }, (_, row) => row);
    expect(follow(press('down down'), moved, rows)).toMatchObject({ cursor: 2, first: 0 });
    const near = around({ nameAt: (row) => ({ cluster: 'orders', group: `group-${row - 3}` }) });
    expect(follow(press('down down'), near, rows)).toMatchObject({ cursor: 5, first: 0 });
  });

  test('when a key moves in a list, then it counts as a move; others do not', () => {
    expect(press('down end pagedown').moves).toBe(3);
    expect(press('return down').moves).toBe(1);
    expect(press('s / x return p ?').moves).toBe(0);
  });

  test('when its group is gone, then it stays where it is and follows the group that is there now', () => {
    const gone = around({ nameAt: (row) => ({ cluster: 'orders', group: `other-${row}` }) });
    expect(follow(press('down down'), gone, [0, 1, 2])).toMatchObject({
      cursor: 2,
      followed: { group: 'other-2' },
    });
  });

  test('when there are fewer groups or rows, then the cursor is still on the screen', () => {
    expect(within(press('end'), around({ total: 3 }))).toMatchObject({ cursor: 2, first: 0 });
    expect(within(press('end'), around({ total: 0 }))).toMatchObject({ cursor: 0, first: 0 });
    expect(within(press('end'), around({ groupRows: 40 }))).toMatchObject({ cursor: 99, first: 60 });
  });

  test('when the cursor moves line by line, then the requested list changes seldom and covers the screen', () => {
    for (let first = 0; first <= 90; first++) {
      const { offset, limit } = groupsRequest({ ...FIRST_STATE, first }, PAGE);
      expect(offset % 50).toBe(0);
      expect(offset).toBeLessThanOrEqual(first);
      expect(offset + limit).toBeGreaterThanOrEqual(first + PAGE);
    }
  });
});

describe('given the order of groups', () => {
  test('when each sort is chosen, then numbers begin with the highest and names with A', () => {
    const orders = Array.from({ length: 13 }, (_, index) =>
      groupsRequest(press(`${'s '.repeat(index)}down`), PAGE),
    ).map(({ sort, order }) => `${sort} ${order}`);
    expect(orders.slice(0, 5)).toEqual([
      'worst desc',
      'cluster asc',
      'group asc',
      'status desc',
      'totalLagRecords desc',
    ]);
    expect(orders[12]).toBe('worst desc');
    expect(groupsRequest(press('<'), PAGE)).toMatchObject({ sort: 'statusSinceMs' });
    expect(groupsRequest(press('r'), PAGE)).toMatchObject({ sort: 'worst', order: 'asc' });
    expect(groupsRequest(press('s r'), PAGE)).toMatchObject({ sort: 'cluster', order: 'desc' });
  });

  test('when it changes, then the list is shown from its top', () => {
    expect(press('end s')).toMatchObject({ cursor: 0, first: 0, followed: null });
  });
});

describe('given filters', () => {
  test('when f and c are pressed, then statuses and clusters come one after the other, and all again', () => {
    expect(groupsRequest(press('f'), PAGE).statuses).not.toContain('OK');
    expect(groupsRequest(press('f f'), PAGE).statuses).toEqual(['ERR']);
    expect(groupsRequest(press('f f f f f'), PAGE).statuses).toEqual([]);
    expect(press('c').cluster).toBe('orders');
    expect(press('c c').cluster).toBe('payments');
    expect(press('c c c').cluster).toBeNull();
  });

  test('when a search is typed, then every letter is part of it, also those of other keys', () => {
    const typed = press('/ q p s');
    expect(typed).toMatchObject({ search: 'qps', isOver: false, isPaused: false, searchBefore: '' });
    expect(press('backspace', typed).search).toBe('qp');
    expect(press('ctrl-u', typed).search).toBe('');
    expect(press('return', typed)).toMatchObject({ search: 'qps', searchBefore: null });
    expect(press('escape', typed)).toMatchObject({ search: '', searchBefore: null });
  });

  test('when a search is left with Escape, then the former one is back; another Escape shows all', () => {
    const found = press('/ a return / b');
    expect(found.search).toBe('ab');
    const left = press('escape', found);
    expect(left.search).toBe('a');
    expect(press('f c escape', left)).toMatchObject({ search: '', statusFilter: 0, cluster: null });
  });

  test('when a letter of several code units is deleted, then all of it is', () => {
    const typed = pressKey(press('/'), { name: '', text: '👍', isControl: false }, around());
    expect(typed.search).toBe('👍');
    expect(press('backspace', typed).search).toBe('');
  });
});

describe('given one group', () => {
  test('when Enter is pressed, then the group under the cursor is shown, and Escape goes back to its row', () => {
    const opened = press('down return');
    expect(opened).toMatchObject({ screen: 'group', opened: { group: 'group-1' } });
    expect(press('escape', opened)).toMatchObject({ screen: 'groups', opened: null, cursor: 1 });
  });

  test('when the row is not known yet, then Enter does nothing', () => {
    expect(press('return', FIRST_STATE, around({ nameAt: () => null })).screen).toBe('groups');
  });

  test.each([
    ['down', 1],
    ['end', 15],
    ['end pageup', 5],
    ['up', 0],
  ])('when %s is pressed, then its partitions are shown from %i on', (keys, first) => {
    expect(press(`return ${keys}`).firstPartition).toBe(first);
  });
});

describe('given any screen', () => {
  test.each(['q', 'ctrl-c', '? q', 'return q', '/ ctrl-c'])('when %s is pressed, then it is over', (keys) => {
    expect(press(keys).isOver).toBe(true);
  });

  test('when help is shown, then any key goes back to the former screen', () => {
    expect(press('?').screen).toBe('help');
    expect(press('? x').screen).toBe('groups');
    expect(press('return ? escape').screen).toBe('group');
  });

  test('when p is pressed, then it pauses, and goes on the next time', () => {
    expect(press('p').isPaused).toBe(true);
    expect(press('p p').isPaused).toBe(false);
  });
});
