import type { Drain } from '../../http/api/contract/words.ts';
import { UNKNOWN } from './numbers.ts';

const THIN = '\u202f';

/** A duration in its two largest units: `6.1 s`, `2 min 13 s`, `3 d 4 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds < 0.05 ? '0' : seconds.toFixed(1).replace(/\.0$/, '')}${THIN}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}${THIN}s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's');
  if (whole < 86_400) return pair(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
  return pair(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3600), 'h');
}

/** The same for a duration that may be unknown. */
export function formatMaybeSeconds(seconds: number | null): string {
  return seconds === null ? UNKNOWN : formatSeconds(seconds);
}

/** How long the lag will take to go. */
export function formatDrain(drain: Drain): string {
  if (drain === 'never') return 'not draining';
  return formatMaybeSeconds(drain);
}

/** How long ago a moment was: `now`, `12 s ago`, `3 min ago`. */
export function formatAge(atMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1000));
  return seconds < 1 ? 'now' : `${formatCoarse(seconds)} ago`;
}

/** A duration in its largest unit. */
export function formatCoarse(seconds: number): string {
  if (seconds < 60) return `${seconds}${THIN}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}${THIN}min`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${THIN}h`;
  return `${Math.floor(seconds / 86_400)}${THIN}d`;
}

/** How far back a history goes: `last hour`, `last 6 min`. */
export function formatSpan(spanMs: number): string {
  return spanMs === 3_600_000 ? 'last hour' : `last ${formatCoarse(Math.round(spanMs / 1000))}`;
}

/** A moment in the reader's time zone: hours of 24, minutes and seconds. */
export function formatClock(atMs: number): string {
  const at = new Date(atMs);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function pair(great: number, greatUnit: string, small: number, smallUnit: string): string {
  const first = `${great}${THIN}${greatUnit}`;
  return small === 0 ? first : `${first} ${small}${THIN}${smallUnit}`;
}
