import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Rows that are drawn beyond each edge, so that quick scrolling shows no gap. */
const SPARE_ROWS = 8;

export interface VirtualRowsProps {
  readonly count: number;
  readonly rowHeightPixels: number;
  /** The element that scrolls. */
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly row: (index: number) => ComponentChildren;
}

/** The body of a table of any length: only the rows in sight exist, two blank rows take the space of the others. */
export function VirtualRows({ count, rowHeightPixels, scroller, row }: VirtualRowsProps) {
  const [[from, to], setRange] = useState<readonly [number, number]>([0, 40]);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => {
      const first = Math.floor(element.scrollTop / rowHeightPixels) - SPARE_ROWS;
      const last = Math.ceil((element.scrollTop + element.clientHeight) / rowHeightPixels) + SPARE_ROWS;
      // An even start keeps the stripes of the rows where they are.
      const next = [Math.max(0, first - (first % 2)), last] as const;
      setRange((now) => (now[0] === next[0] && now[1] === next[1] ? now : next));
    };
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      resized.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [scroller, rowHeightPixels]);

  const end = Math.min(count, to);
  const start = Math.min(from, end);
  return (
    <>
      <Blank pixels={start * rowHeightPixels} />
      {Array.from({ length: end - start }, (_, index) => row(start + index))}
      <Blank pixels={(count - end) * rowHeightPixels} />
    </>
  );
}

function Blank({ pixels }: { readonly pixels: number }) {
  return pixels === 0 ? null : (
    <tr class="blank" aria-hidden="true">
      <td style={{ height: `${pixels}px` }} />
    </tr>
  );
}
