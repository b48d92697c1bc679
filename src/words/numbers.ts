/** Between a number and its unit: narrow, and no line breaks there. */
const NARROW = '\u202f';
const GREAT_UNITS: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
];
const UNITS: readonly (readonly [number, string])[] = [...GREAT_UNITS, [1e6, 'M'], [1e3, 'k']];

/** Shown for what is not known. */
export const UNKNOWN = '?';

/** A count or a rate: commas between thousands, two significant digits below ten, a unit's prefix from 10⁹ on. */
export function formatNumber(value: number): string {
  for (const [scale, prefix] of GREAT_UNITS) {
    if (value >= scale) return `${trim((value / scale).toFixed(1))}${NARROW}${prefix}`;
  }
  return isSmallPart(value) ? twoDigits(value) : wholeNumber(value);
}

/** The same for a number that may be unknown. */
export function formatMaybe(value: number | null): string {
  return value === null ? UNKNOWN : formatNumber(value);
}

/** Every digit of a whole number, with commas between its thousands: 1,234,567. */
export function wholeNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count with its noun: `1 sample`, `1,200 samples`. */
export function formatCount(count: number, thing: string): string {
  return `${formatNumber(count)} ${count === 1 ? thing : `${thing}s`}`;
}

/** At the axes of charts: 950, 12 k, 3.4 M. */
export function formatTick(value: number): string {
  for (const [scale, prefix] of UNITS) {
    if (value >= scale) {
      return `${trim((value / scale).toFixed(value / scale < 10 ? 1 : 0))}${NARROW}${prefix}`;
    }
  }
  return trim(value.toFixed(value > 0 && value < 10 ? 1 : 0));
}

/** For a column of six characters: 950, 4,200, 12.3k, 3.45M. */
export function compactNumber(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (isSmallPart(value)) return twoDigits(value);
  if (Math.round(value) < 10_000) return wholeNumber(value);
  for (const [scale, prefix] of UNITS.toReversed()) {
    const scaled = value / scale;
    const text = scaled.toFixed(scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0);
    if (Number(text) < 1000) return text + prefix;
  }
  return value.toExponential(0).replace('+', '');
}

/** Bytes in binary units. @param space between number and unit; a terminal's is a plain one */
export function formatBytes(bytes: number, space = NARROW): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let step = 0;
  while (value >= 1024 && step < names.length - 1) {
    value /= 1024;
    step += 1;
  }
  return `${trim(value.toFixed(step === 0 || value >= 100 ? 0 : 1))}${space}${names[step] ?? ''}`;
}

function isSmallPart(value: number): boolean {
  return value > 0 && value < 9.95 && !Number.isInteger(value);
}

/** A small rate is not 0: 6.1, 0.033, <0.001. */
function twoDigits(value: number): string {
  return value < 0.001 ? '<0.001' : String(Number(value.toPrecision(2)));
}

function trim(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
