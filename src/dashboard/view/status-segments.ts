import type { StatusChange } from '../../http/api/contract/group.ts';
import type { StatusWord } from '../../http/api/contract/words.ts';

/** A stretch of time with one status; null: not known. */
export interface StatusSegment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly status: StatusWord | null;
}

/**
 * The statuses of a stretch of time without gaps: what is not known is a segment of its own.
 *
 * @param changes oldest first; each status lasts until the next one
 * @param knownToMs the newest sample: nothing is known after it
 */
export function statusSegments(
  changes: readonly StatusChange[],
  { fromMs, toMs, knownToMs }: { readonly fromMs: number; readonly toMs: number; readonly knownToMs: number },
): readonly StatusSegment[] {
  const segments: StatusSegment[] = [];
  const add = (status: StatusWord | null, beginMs: number, endMs: number): void => {
    const begin = Math.max(fromMs, beginMs);
    const end = Math.min(toMs, endMs);
    if (begin >= end) return;
    const last = segments.at(-1);
    if (last?.status === status) segments[segments.length - 1] = { ...last, toMs: end };
    else segments.push({ fromMs: begin, toMs: end, status });
  };
  add(null, fromMs, Math.min(changes[0]?.atMs ?? toMs, knownToMs));
  for (const [index, { atMs, status }] of changes.entries()) {
    add(status, atMs, Math.min(changes[index + 1]?.atMs ?? toMs, knownToMs));
  }
  add(null, knownToMs, toMs);
  return segments;
}
