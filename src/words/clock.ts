/** Shown for a moment that no calendar has. */
const NO_TIME = '?';
/** Languages whose names for time zones are asked for, in this order: the first knows America's, the second Europe's. */
const LANGUAGES = ['en-US', 'en-GB', 'en-AU'];
const names = new Map<string, readonly Intl.DateTimeFormat[]>();
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Hours of 24, minutes and seconds: `14:03:22`.
 *
 * @param zone a name of the IANA database, or `UTC`; undefined: the reader's own
 */
export function formatClock(atMs: number, zone?: string): string {
  const text = textOf(atMs, zone);
  return text === null ? NO_TIME : text.slice(12, 20);
}

/** The day: `2026-11-28`. */
export function formatDay(atMs: number, zone?: string): string {
  const text = textOf(atMs, zone);
  return text === null ? NO_TIME : `${text.slice(6, 10)}-${text.slice(3, 5)}-${text.slice(0, 2)}`;
}

/** The name of the zone at that moment, `CET`; where it has none, its distance from UTC, `+03:30`. */
export function formatZone(atMs: number, zone?: string): string {
  if (!isMoment(atMs)) return NO_TIME;
  const key = zone ?? '';
  const known = names.get(key) ?? LANGUAGES.map((language) => zoneFormat(language, 'short', zone));
  names.set(key, known);
  for (const format of known) {
    const name = nameOf(format, atMs);
    if (/^[A-Z]{2,5}$/.test(name)) return name === 'GMT' && isUtc(zone) ? 'UTC' : name;
  }
  const offset = nameOf(zoneFormat('en-US', 'longOffset', zone), atMs).replace('GMT', '');
  return offset === '' ? 'UTC' : offset;
}

/** A time of day with its zone: `14:03:22 CET`. */
export function formatTime(atMs: number, zone?: string): string {
  return `${formatClock(atMs, zone)} ${formatZone(atMs, zone)}`;
}

/** Day, time of day and zone: `2026-11-28 14:03:22 CET`. */
export function formatMoment(atMs: number, zone?: string): string {
  return `${formatDay(atMs, zone)} ${formatTime(atMs, zone)}`;
}

/** The same in UTC, as a hint beside the reader's own time. */
export function formatUtc(atMs: number): string {
  return formatMoment(atMs, 'UTC');
}

/** `28/11/2026, 14:03:22`, or null. */
function textOf(atMs: number, zone: string | undefined): string | null {
  if (!isMoment(atMs)) return null;
  const key = zone ?? '';
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-GB', {
      day: '2-digit',
      month: '2-digit',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
      ...(zone !== undefined && { timeZone: zone }),
    });
    formatters.set(key, formatter);
  }
  return formatter.format(atMs);
}

/** Years of four digits: all that a broker or a sidecar can mean. */
function isMoment(atMs: number): boolean {
  return atMs >= 0 && atMs < 253_370_000_000_000;
}

function zoneFormat(language: string, style: 'short' | 'longOffset', zone?: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(language, {
    timeZoneName: style,
    ...(zone !== undefined && { timeZone: zone }),
  });
}

function nameOf(format: Intl.DateTimeFormat, atMs: number): string {
  return format.formatToParts(atMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

function isUtc(zone: string | undefined): boolean {
  return /^(Etc\/)?(UTC|UCT|Universal|Zulu)$/i.test(
    zone ?? new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone,
  );
}
