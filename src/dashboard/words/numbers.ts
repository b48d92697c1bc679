const THIN = '\u202f';
const UNITS: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
];

/** Shown for what is not known. */
export const UNKNOWN = '–';

/** A count or a rate: thin spaces between thousands, one decimal below ten, a unit's prefix from 10⁹ on. */
export function formatNumber(value: number): string {
  for (const [scale, prefix] of UNITS) {
    if (value >= scale) return `${trim((value / scale).toFixed(1))}${THIN}${prefix}`;
  }
  if (value > 0 && value < 10 && !Number.isInteger(value)) return trim(value.toFixed(1));
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** The same for a number that may be unknown. */
export function formatMaybe(value: number | null): string {
  return value === null ? UNKNOWN : formatNumber(value);
}

/** A count with its noun: `1 sample`, `12 samples`. */
export function formatCount(count: number, thing: string): string {
  return `${formatNumber(count)} ${count === 1 ? thing : `${thing}s`}`;
}

/** For axes and tight places: 950, 12 k, 3.4 M. */
export function formatShort(value: number): string {
  for (const [scale, prefix] of [...UNITS, [1e6, 'M'], [1e3, 'k']] as const) {
    if (value >= scale) return `${trim((value / scale).toFixed(value / scale < 10 ? 1 : 0))}${THIN}${prefix}`;
  }
  return trim(value.toFixed(value > 0 && value < 10 ? 1 : 0));
}

/** Bytes in binary units. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < names.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${trim(value.toFixed(step === 0 || value >= 100 ? 0 : 1))}${THIN}${names[step] ?? ''}`;
}

function trim(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
