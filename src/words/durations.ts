import { UNKNOWN } from './numbers.ts';

/** Between a number and its unit: narrow, and no line breaks there. */
const NARROW = '\u202f';
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
/** Said in place of a drain time while the lag does not shrink. */
const NOT_DRAINING = 'not draining';

/** A duration with three significant digits, or in its two largest units: `12.3 ms`, `6.14 s`, `2 min 13 s`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 0.000_05) return `0${NARROW}s`;
  if (seconds < 0.9995) return `${threeDigits(seconds * 1000)}${NARROW}ms`;
  if (seconds < 59.95) return `${threeDigits(seconds)}${NARROW}s`;
  const whole = Math.round(seconds);
  if (whole < HOUR) return pair([whole, MINUTE, 'min', 1, 's'], NARROW);
  if (whole < DAY) return pair([whole, HOUR, 'h', MINUTE, 'min'], NARROW);
  return pair([whole, DAY, 'd', HOUR, 'h'], NARROW);
}

/** The same for a duration that may be unknown. */
export function formatMaybeSeconds(seconds: number | null): string {
  return seconds === null ? UNKNOWN : formatSeconds(seconds);
}

/** For a column of six characters: 6.1s, 42s, 2m13s, 3h04m, 2d04h, 3y. */
export function compactSeconds(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  // Less than nothing: a clock has been set back.
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1).replace(/\.0$/, '')}s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole}s`;
  if (whole < HOUR) return pair([whole, MINUTE, 'm', 1, 's']);
  if (whole < DAY) return pair([whole, HOUR, 'h', MINUTE, 'm']);
  if (whole < 100 * DAY) return pair([whole, DAY, 'd', HOUR, 'h']);
  if (whole < 2 * YEAR) return `${Math.floor(whole / DAY)}d`;
  return whole < 10_000 * YEAR ? `${Math.floor(whole / YEAR)}y` : '>9999y';
}

/** A duration in its largest unit: `12 s`, `4 min`, `2 h`, `3 d`. Never longer than the unit says. */
export function formatCoarse(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole}${NARROW}s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}${NARROW}min`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)}${NARROW}h`;
  return `${Math.floor(whole / DAY)}${NARROW}d`;
}

/** The same for a column of four characters: 12s, 4m, 2h, 3d, and years beyond 999 days. */
export function compactCoarse(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < MINUTE) return `${whole}s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)}m`;
  if (whole < DAY) return `${Math.floor(whole / HOUR)}h`;
  return whole < 1000 * DAY ? `${Math.floor(whole / DAY)}d` : `${Math.min(999, Math.floor(whole / YEAR))}y`;
}

/** How long ago a moment was: `now`, `12 s ago`, `3 min ago`. */
export function formatAge(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  return seconds < 1 ? 'now' : `${formatCoarse(seconds)} ago`;
}

/** How long something has lasted: `4 min`; `≥ 4 min` where it was so already at the first look. */
export function formatSince(sinceMs: number, isExact: boolean, nowMs: number): string {
  return `${isExact ? '' : `≥${NARROW}`}${formatCoarse((nowMs - sinceMs) / 1000)}`;
}

/** How long the lag will take to go. @param isDraining false: it does not shrink; null: unknown */
export function formatDrain(seconds: number | null, isDraining: boolean | null): string {
  return isDraining === false ? NOT_DRAINING : formatMaybeSeconds(seconds);
}

/** The same with the duration in six characters. */
export function compactDrain(seconds: number | null, isDraining: boolean | null): string {
  return isDraining === false ? NOT_DRAINING : compactSeconds(seconds);
}

/** How far back a history goes: `last hour`, `last 6 min`. */
export function formatSpan(spanMs: number): string {
  return spanMs === 3_600_000 ? 'last hour' : `last ${formatCoarse(Math.round(spanMs / 1000))}`;
}

function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** In two units. Without a space between number and unit the smaller one has two digits, so that widths stay. */
function pair(
  [whole, great, greatUnit, small, smallUnit]: readonly [number, number, string, number, string],
  space = '',
): string {
  const first = `${Math.floor(whole / great)}${space}${greatUnit}`;
  const rest = Math.floor((whole % great) / small);
  if (space === '') return `${first}${String(rest).padStart(2, '0')}${smallUnit}`;
  return rest === 0 ? first : `${first} ${rest}${space}${smallUnit}`;
}
