import type { StatusWord } from '../../http/api/contract/words.ts';
import { STATUS_MEANING } from '../../words/statuses.ts';

/** A shape for each status, so that nothing depends on colour alone. */
const SHAPES: Readonly<Record<StatusWord, string>> = {
  OK: 'M3 8.500 L6.500 12 L13 4.500',
  WARN: 'M8 2 L14.500 13.500 H1.500 Z',
  ERR: 'M3 3 L13 13 M13 3 L3 13',
  STOP: 'M3 3 H13 V13 H3 Z',
  STALL: 'M5 3 V13 M11 3 V13',
  REWIND: 'M8 3 L3 8 L8 13 M14 3 L9 8 L14 13',
  NOTFOUND: 'M8 2.500 A5.500 5.500 0 1 0 8.010 2.500',
  UNKNOWN: 'M5 6 A3 3 0 1 1 8 9 V10.500 M8 13 V13.500',
};

/** Burrow's word for a group, with a shape and a colour. */
export function StatusBadge({ status }: { readonly status: StatusWord }) {
  return (
    <span class={`status status-${status.toLowerCase()}`} title={STATUS_MEANING[status]}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[status]} />
      </svg>
      {status}
    </span>
  );
}
