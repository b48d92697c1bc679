import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { GroupBook } from '../live/group-book.ts';

/** The row of the arrow keys on a long table. */
export interface RowKeys {
  /** The slot of that row; null: none yet. */
  readonly activeSlot: number | null;
  readonly setActiveSlot: (slot: number) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Up, Down, Page Up, Page Down, Home and End move over the rows; only the rows in sight exist.
 * The row is known by the name of its group: after a new snapshot, its slot may be that of another group.
 */
export function useRowKeys(
  scroller: RefObject<HTMLDivElement | null>,
  book: GroupBook,
  slots: Uint32Array,
  rowHeightPixels: number,
): RowKeys {
  const [active, setActive] = useState<readonly [cluster: string, group: string] | null>(null);
  /** Whether the row is to get the focus, once it exists. */
  const [isWanted, setWanted] = useState(false);
  const activeSlot = (active && book.slotOf(...active)) ?? null;

  useEffect(() => {
    if (!isWanted || activeSlot === null) return;
    const link = scroller.current?.querySelector<HTMLElement>(`a[data-slot="${activeSlot}"]`);
    if (link === null || link === undefined) return;
    link.focus({ preventScroll: true });
    setWanted(false);
  });

  function setActiveSlot(slot: number): void {
    const row = book.row(slot);
    setActive(row === undefined ? null : [row[0], row[1]]);
  }

  function goTo(index: number): void {
    const slot = slots[Math.max(0, Math.min(slots.length - 1, index))];
    const element = scroller.current;
    if (slot === undefined || element === null) return;
    setActiveSlot(slot);
    setWanted(true);
    const headPixels = element.querySelector('thead')?.clientHeight ?? 0;
    const topPixels = Math.max(0, Math.min(slots.length - 1, index)) * rowHeightPixels;
    const roomPixels = element.clientHeight - headPixels - rowHeightPixels;
    if (topPixels < element.scrollTop) element.scrollTop = topPixels;
    else if (topPixels > element.scrollTop + roomPixels) element.scrollTop = topPixels - roomPixels;
  }

  function onKeyDown(event: KeyboardEvent): void {
    const step = stepOf(event.key, slots.length);
    if (step === null || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const index = activeSlot === null ? -1 : slots.indexOf(activeSlot);
    goTo(event.key === 'Home' ? 0 : index + step);
  }

  useEffect(() => {
    const fromAnywhere = (event: KeyboardEvent): void => {
      const isFree = document.activeElement === document.body || document.activeElement?.tagName === 'H1';
      const isFromSearch = event.key === 'ArrowDown' && document.activeElement?.id === 'search';
      if (isFree || isFromSearch) onKeyDown(event);
      // A row that moves while it has the focus loses it; the reader is still on that row.
      if (isFree && event.key === 'Enter' && activeSlot !== null) {
        scroller.current?.querySelector<HTMLElement>(`a[data-slot="${activeSlot}"]`)?.click();
      }
    };
    window.addEventListener('keydown', fromAnywhere);
    return () => window.removeEventListener('keydown', fromAnywhere);
  });

  return { activeSlot, setActiveSlot, onKeyDown };
}

function stepOf(key: string, count: number): number | null {
  switch (key) {
    case 'ArrowDown':
      return 1;
    case 'ArrowUp':
      return -1;
    case 'PageDown':
      return 20;
    case 'PageUp':
      return -20;
    case 'Home':
    case 'End':
      return count;
    default:
      return null;
  }
}
