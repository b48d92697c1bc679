import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { GroupRow } from '../../http/api/contract/groups.ts';
import type { Overview } from '../../http/api/contract/overview.ts';
import type { GroupBook } from '../live/group-book.ts';
import { descendsFirst, holdGroups, orderGroups, type GroupFilter, type Sort } from '../live/group-order.ts';
import type { LiveData } from '../live/live-data.ts';
import { VirtualRows } from '../view/virtual-rows.tsx';
import { GROUP_COLUMNS, GroupTableRow } from './group-row.tsx';
import { OrderLine } from './order-line.tsx';
import { useHold } from './use-hold.ts';
import { useRowKeys } from './use-row-keys.ts';

/** The same as in table.css: two lines in a narrow window. */
const ROW_HEIGHT_PIXELS = 32;
const NARROW_ROW_HEIGHT_PIXELS = 46;
const NARROW = '(max-width: 760px)';

/** The most drawn rows that are kept for later. */
const MOST_DRAWN = 300;

interface DrawnRow {
  readonly row: GroupRow;
  readonly index: number;
  readonly isActive: boolean;
  readonly nowMs: number;
  readonly children: ComponentChildren;
}

export interface GroupTableProps {
  readonly live: LiveData;
  readonly filter: GroupFilter;
  readonly onFilter: (filter: GroupFilter) => void;
  readonly overview: Overview;
}

/** All groups that match the filter; only the rows in sight are drawn. */
export function GroupTable({ live, filter, onFilter, overview }: GroupTableProps) {
  const { stepMs } = overview.history;
  // The name of the only one would say nothing in each row.
  const hasOneCluster = overview.clusters.length === 1;
  const scroller = useRef<HTMLDivElement>(null);
  const { hold, handlers } = useHold(scroller);
  const slots = useOrderedGroups(live.groups, filter, hold !== null);
  const rowHeightPixels = useMedia(NARROW) ? NARROW_ROW_HEIGHT_PIXELS : ROW_HEIGHT_PIXELS;
  const { activeSlot, onKeyDown, setActiveSlot } = useRowKeys(scroller, live.groups, slots, rowHeightPixels);
  const nowMs = live.nowMs.value;
  const reachableSlot = slots.includes(activeSlot ?? -1) ? activeSlot : slots[0];

  const drawn = useRef(new Map<number, DrawnRow>());

  /** An unchanged row is used again, so a scroll draws only the rows that come into sight. */
  function drawRow(slot: number, index: number): ComponentChildren {
    const row = live.groups.row(slot);
    if (row === undefined) return null;
    const isActive = slot === reachableSlot;
    const known = drawn.current.get(slot);
    if (known?.row === row && known.index === index && known.isActive === isActive && known.nowMs === nowMs) {
      return known.children;
    }
    const lateMs = overview.pollIntervalMs * 3;
    const children = (
      <GroupTableRow key={`${row[0]}\n${row[1]}`} {...{ live, slot, row, index, isActive, nowMs, lateMs }} />
    );
    if (drawn.current.size > MOST_DRAWN) drawn.current.clear();
    drawn.current.set(slot, { row, index, isActive, nowMs, children });
    return children;
  }

  return (
    <div class="table-frame">
      <div class="table-scroller" ref={scroller} onKeyDown={onKeyDown}>
        <table class={`groups ${hasOneCluster ? 'one-cluster' : ''}`} aria-rowcount={slots.length + 1}>
          <caption class="hidden">Consumer groups. Arrow keys move between rows, Enter opens one.</caption>
          <thead>
            <tr aria-rowindex={1}>
              {GROUP_COLUMNS.map(({ sort, heading, meaning, kind }) => (
                <th key={sort} scope="col" class={kind} aria-sort={ariaSort(filter, sort)}>
                  {sort === null ? (
                    heading(stepMs)
                  ) : (
                    <button type="button" title={meaning} onClick={() => onFilter(turn(filter, sort))}>
                      {heading(stepMs)}
                      <span class="arrow" aria-hidden="true">
                        {arrowOf(filter, sort)}
                      </span>
                    </button>
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody
            {...handlers}
            onFocusIn={(event) => {
              handlers.onFocusIn();
              const slot = (event.target as HTMLElement).dataset['slot'];
              if (slot !== undefined) setActiveSlot(Number(slot));
            }}
          >
            <VirtualRows
              count={slots.length}
              rowHeightPixels={rowHeightPixels}
              scroller={scroller}
              row={(index) => drawRow(slots[index] ?? 0, index)}
            />
          </tbody>
        </table>
      </div>
      <OrderLine filter={filter} hold={hold} overview={overview} />
    </div>
  );
}

interface ShownOrder {
  readonly filter: GroupFilter;
  readonly version: number;
  readonly slots: Uint32Array;
  readonly rows: readonly GroupRow[];
}

/**
 * The groups to show, in the order of the figures that are shown with them: both are the book's of one moment. While the
 * list is held, only the figures change, and new groups come last.
 */
function useOrderedGroups(book: GroupBook, filter: GroupFilter, isHeld: boolean): Uint32Array {
  const shown = useRef<ShownOrder | null>(null);
  const wasHeld = useRef(false);
  const version = book.version.value;
  const last = shown.current;
  const isSame = last?.version === version && last.filter === filter;
  if (last !== null && isSame && isHeld === wasHeld.current) return last.slots;
  wasHeld.current = isHeld;
  const slots =
    isHeld && last?.filter === filter ? holdGroups(book, filter, last.rows) : orderGroups(book, filter);
  const rows = Array.from(slots).flatMap((slot) => {
    const row = book.row(slot);
    return row === undefined ? [] : [row];
  });
  shown.current = { filter, version, slots, rows };
  return slots;
}

/** Whether the window fits a query of its media, now and after each change. */
function useMedia(query: string): boolean {
  const list = useMemo(() => matchMedia(query), [query]);
  const [matches, setMatches] = useState(list.matches);
  useEffect(() => {
    const onChange = (): void => setMatches(list.matches);
    list.addEventListener('change', onChange);
    return () => list.removeEventListener('change', onChange);
  }, [list]);
  return matches;
}

function ariaSort(filter: GroupFilter, sort: Sort | null): 'ascending' | 'descending' | 'none' | undefined {
  if (sort === null) return undefined;
  if (filter.sort !== sort) return 'none';
  return filter.isDescending ? 'descending' : 'ascending';
}

function arrowOf(filter: GroupFilter, sort: Sort): string {
  if (filter.sort !== sort) return '';
  return filter.isDescending ? '↓' : '↑';
}

/** The first click sorts by the column, the second reverses it, the third goes back to the worst first. */
function turn(filter: GroupFilter, sort: Sort): GroupFilter {
  if (filter.sort !== sort) return { ...filter, sort, isDescending: descendsFirst(sort) };
  if (filter.isDescending === descendsFirst(sort)) return { ...filter, isDescending: !filter.isDescending };
  return { ...filter, sort: 'worst', isDescending: true };
}
