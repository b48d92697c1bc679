import { useRef } from 'preact/hooks';
import type { GroupBook } from '../live/group-book.ts';
import { orderGroups, type GroupFilter } from '../live/group-order.ts';

/** Rows move at most so often. */
const ORDER_EVERY_MS = 3000;

interface Kept {
  readonly filter: GroupFilter;
  readonly members: number;
  readonly version: number;
  readonly atMs: number;
  readonly slots: Uint32Array;
}

/**
 * The groups to show, in order: anew at once when the filter changes or groups come and go; as their figures change
 * every few seconds only, and not while the reader is at them.
 */
export function useOrderedGroups(book: GroupBook, filter: GroupFilter, isHeld: boolean): Uint32Array {
  const kept = useRef<Kept | null>(null);
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
