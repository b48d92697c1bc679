import type { Drain } from './contract/words.ts';

/** Beyond this a lag is as good as never gone. */
const TEN_YEARS_SECONDS = 10 * 365 * 24 * 3600;

/** How long until a lag is gone, if it is consumed and produced to as fast as now. */
export function drainTime(
  lagRecords: number | null,
  consumedPerMinute: number | null,
  producedPerMinute: number | null,
): Drain {
  if (lagRecords === null) return null;
  if (lagRecords === 0) return 0;
  if (consumedPerMinute === null || producedPerMinute === null) return null;
  const seconds = (lagRecords / (consumedPerMinute - producedPerMinute)) * 60;
  return seconds >= 0 && seconds < TEN_YEARS_SECONDS ? Math.ceil(seconds) : 'never';
}
