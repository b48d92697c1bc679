import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { GroupRow } from '../../http/api/contract/groups.ts';
import type { GroupBook } from '../live/group-book.ts';
import { descendsFirst, holdGroups, orderGroups, type GroupFilter, type Sort } from '../live/group-order.ts';
import type { LiveData } from '../live/live-data.ts';
import { VirtualRows } from '../view/virtual-rows.tsx';
import { formatSpan } from '../../words/durations.ts';
import { GroupTableRow } from './group-row.tsx';
import { useHold, type Hold } from './use-hold.ts';
import { useRowKeys } from './use-row-keys.ts';

/** The same as in table.css. */
const ROW_HEIGHT_PIXELS = 32;

interface GroupColumn {
  readonly sort: Sort | null;
  readonly words: string;
  readonly unit?: string;
  readonly kind: string;
}

const COLUMNS: readonly GroupColumn[] = [
  { sort: 'status', words: 'Status', kind: 'col-status' },
  { sort: 'group', words: 'Group', kind: 'col-group' },
  { sort: 'cluster', words: 'Cluster', kind: 'col-cluster' },
  { sort: 'totalLagRecords', words: 'Lag', unit: 'records', kind: 'number col-lag' },
  { sort: 'lagSeconds', words: 'Time lag', kind: 'number col-time' },
  { sort: 'drainSeconds', words: 'Drain time', kind: 'number col-drain' },
  { sort: 'consumedPerSecond', words: 'Consumed/s', kind: 'number col-rate' },
  { sort: 'producedPerSecond', words: 'Produced/s', kind: 'number col-rate' },
  { sort: null, words: '', kind: 'col-spark capital' },
  { sort: 'partitions', words: 'Parts', kind: 'number col-count' },
  { sort: 'sampledAtMs', words: 'Sampled', kind: 'number col-age' },
];

/** What comes first in the order of the first click on a column, and in the reverse; by default as for numbers. */
const FIRST: Readonly<Partial<Record<Sort, readonly [first: string, reversed: string]>>> = {
  worst: ['Worst', 'Best'],
  status: ['Worst', 'Best'],
  cluster: ['A', 'Z'],
  group: ['A', 'Z'],
  sampledAtMs: ['Newest', 'Oldest'],
};

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
  readonly stepMs: number;
  readonly pollIntervalMs: number;
}

/** All groups that match the filter; only the rows in sight are drawn. */
export function GroupTable({ live, filter, onFilter, stepMs, pollIntervalMs }: GroupTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { hold, handlers } = useHold(scroller);
  const slots = useOrderedGroups(live.groups, filter, hold !== null);
  const { activeSlot, onKeyDown, setActiveSlot } = useRowKeys(scroller, slots, ROW_HEIGHT_PIXELS);
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
    const lateMs = pollIntervalMs * 3;
    const children = <GroupTableRow key={slot} {...{ live, slot, row, index, isActive, nowMs, lateMs }} />;
    if (drawn.current.size > MOST_DRAWN) drawn.current.clear();
    drawn.current.set(slot, { row, index, isActive, nowMs, children });
    return children;
  }

  return (
    <div class="table-frame">
      <div class="table-scroller" ref={scroller} onKeyDown={onKeyDown}>
        <table class="groups" aria-rowcount={slots.length + 1}>
          <caption class="hidden">Consumer groups. Arrow keys move between rows, Enter opens one.</caption>
          <thead>
            <tr aria-rowindex={1}>
              {COLUMNS.map(({ sort, words, unit, kind }) => (
                <th key={words} scope="col" class={kind} aria-sort={ariaSort(filter, sort)}>
                  {sort === null ? (
                    formatSpan(stepMs * 60)
                  ) : (
                    <button type="button" onClick={() => onFilter(turn(filter, sort))}>
                      {words}
                      {unit !== undefined && <small> {unit}</small>}
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
              rowHeightPixels={ROW_HEIGHT_PIXELS}
              scroller={scroller}
              row={(index) => drawRow(slots[index] ?? 0, index)}
            />
          </tbody>
        </table>
      </div>
      <OrderLine filter={filter} hold={hold} />
    </div>
  );
}

/** Which order the list has; while it is held, why, and how to let it go. */
function OrderLine({ filter, hold }: { readonly filter: GroupFilter; readonly hold: Hold }) {
  return (
    <p class={`order-line ${hold === null ? '' : 'order-held'}`} role="status">
      {hold === null ? (
        describeOrder(filter)
      ) : (
        <>
          <strong>Order held</strong> while the {hold} is on the list; the numbers go on. Escape
          {hold === 'pointer' && ', or moving the pointer away,'} lets it go.
        </>
      )}
    </p>
  );
}

function describeOrder({ sort, isDescending }: GroupFilter): string {
  const column = COLUMNS.find((each) => each.sort === sort);
  const [first, reversed] = FIRST[sort] ?? ['Highest', 'Lowest'];
  const order = `${isDescending === descendsFirst(sort) ? first : reversed} first`;
  return column === undefined
    ? `${order}: by status, then time lag, then lag.`
    : `${order}, by ${column.words.toLowerCase()}.`;
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
