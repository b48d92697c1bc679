/** Shown for what is not known. */
export const UNKNOWN = '-';

const PREFIXES: readonly (readonly [number, string])[] = [
  [1e3, 'k'],
  [1e6, 'M'],
  [1e9, 'G'],
  [1e12, 'T'],
  [1e15, 'P'],
];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** A count or a rate in at most six columns: 950, 4200, 12.3k, 3.45M. */
export function shortNumber(value: number | null): string {
  if (value === null) return UNKNOWN;
  if (value < 10 && !Number.isInteger(value)) return value.toFixed(1).replace(/\.0$/, '');
  if (Math.round(value) < 10_000) return String(Math.round(value));
  for (const [scale, prefix] of PREFIXES) {
    const scaled = value / scale;
    const text = scaled.toFixed(scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0);
    if (Number(text) < 1000) return text + prefix;
  }
  return value.toExponential(0).replace('+', '');
}

/** The whole number, with commas between its thousands. */
export function wholeNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A length of time in at most six columns: 6.1s, 42s, 2m13s, 3h04m, 2d04h, 3y. */
export function shortDuration(seconds: number | null): string {
  if (seconds === null) return UNKNOWN;
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(/\.0$/, '')}s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole}s`;
  if (whole < HOUR) return pair(whole, MINUTE, 'm', 1, 's');
  if (whole < DAY) return pair(whole, HOUR, 'h', MINUTE, 'm');
  if (whole < 100 * DAY) return pair(whole, DAY, 'd', HOUR, 'h');
  if (whole < 2 * YEAR) return `${Math.floor(whole / DAY)}d`;
  return whole < 10_000 * YEAR ? `${Math.floor(whole / YEAR)}y` : '>9999y';
}

/** How long the lag will take to go: `never` while it does not shrink. */
export function shortDrain(drain: number | 'never' | null): string {
  return drain === 'never' ? drain : shortDuration(drain);
}

/** Bytes, in binary units. */
export function shortBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** step;
  return `${value.toFixed(step === 0 || value >= 100 ? 0 : 1)} ${units[step] ?? ''}`;
}

function pair(whole: number, great: number, greatUnit: string, small: number, smallUnit: string): string {
  const rest = String(Math.floor((whole % great) / small)).padStart(2, '0');
  return `${Math.floor(whole / great)}${greatUnit}${rest}${smallUnit}`;
}
