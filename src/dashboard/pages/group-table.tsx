import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { GroupRow } from '../../http/api/contract/groups.ts';
import type { GroupBook } from '../live/group-book.ts';
import { descendsFirst, orderGroups, type GroupFilter, type Sort } from '../live/group-order.ts';
import type { LiveData } from '../live/live-data.ts';
import { VirtualRows } from '../view/virtual-rows.tsx';
import { formatSpan } from '../../words/durations.ts';
import { GroupTableRow } from './group-row.tsx';
import { useRowKeys } from './use-row-keys.ts';

/** The same as in table.css. */
const ROW_HEIGHT_PIXELS = 32;

const COLUMNS: readonly {
  readonly sort: Sort | null;
  readonly words: string;
  readonly unit?: string;
  readonly kind: string;
}[] = [
  { sort: 'status', words: 'Status', kind: 'col-status' },
  { sort: 'group', words: 'Group', kind: 'col-group' },
  { sort: 'cluster', words: 'Cluster', kind: 'col-cluster' },
  { sort: 'totalLagRecords', words: 'Lag', unit: 'records', kind: 'number col-lag' },
  { sort: 'lagSeconds', words: 'Behind', unit: 'time', kind: 'number col-time' },
  { sort: 'drainSeconds', words: 'Drained in', unit: 'time', kind: 'number col-time' },
  { sort: 'consumedPerSecond', words: 'Consumed', unit: '/s', kind: 'number col-rate' },
  { sort: 'producedPerSecond', words: 'Produced', unit: '/s', kind: 'number col-rate' },
  { sort: null, words: '', kind: 'col-spark capital' },
  { sort: 'partitions', words: 'Parts', kind: 'number col-count' },
  { sort: 'sampledAtMs', words: 'Sampled', kind: 'number col-age' },
];

/** Changed figures move rows at most this often. */
const ORDER_EVERY_MS = 3000;
/** How long the rows keep their order after the pointer or the focus last moved on them. */
const HOLD_MS = 6000;
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
  const touchedMs = useRef(-Infinity);
  const touch = (): void => void (touchedMs.current = performance.now());
  // For some seconds only: a pointer may be left there for hours.
  const isHeld = performance.now() - touchedMs.current < HOLD_MS;
  const slots = useOrderedGroups(live.groups, filter, isHeld);
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
            onPointerMove={touch}
            onPointerDown={touch}
            onFocusIn={(event) => {
              touch();
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
      <p class="held" aria-hidden="true">
        {isHeld && slots.length > 1 ? 'the order stays while you move on the rows' : ''}
      </p>
    </div>
  );
}

interface KeptOrder {
  readonly filter: GroupFilter;
  readonly members: number;
  readonly version: number;
  readonly atMs: number;
  readonly slots: Uint32Array;
}

/**
 * The groups to show, in order. They are sorted at once when the filter changes or groups come and go. When only their
 * figures change, they are sorted every few seconds, and not while the reader is on the rows.
 */
function useOrderedGroups(book: GroupBook, filter: GroupFilter, isHeld: boolean): Uint32Array {
  const kept = useRef<KeptOrder | null>(null);
  const version = book.version.value;
  const members = book.members.value;
  const now = performance.now();
  const last = kept.current;
  const mayStay = last !== null && last.members === members && last.filter === filter;
  if (mayStay && (isHeld || last.version === version || now - last.atMs < ORDER_EVERY_MS)) return last.slots;
  const slots = orderGroups(book, filter);
  kept.current = { filter, members, version, atMs: now, slots };
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
