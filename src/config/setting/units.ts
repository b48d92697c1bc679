import type { z } from 'zod';
import type { NamePattern } from './name-pattern.ts';

const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNITS = ['d', 'h', 'm', 's', 'ms'] as const;
const DURATION_SHAPE = /^(\d{1,12})(ms|s|m|h|d)$/;

/** Milliseconds of `500ms`, `30s`, `5m`, `2h` or `1d`; null for any other text. Whole numbers only, one unit only. */
export function parseDuration(text: string): number | null {
  const match = DURATION_SHAPE.exec(text);
  if (match === null) return null;
  const [, amount, unit] = match;
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** The shortest text that {@link parseDuration} reads as `durationMs`, a whole number of 0 or more. */
export function formatDuration(durationMs: number): string {
  const unit = UNITS.find(
    (candidate) => durationMs >= UNIT_MS[candidate] && durationMs % UNIT_MS[candidate] === 0,
  );
  return unit === undefined ? `${durationMs}ms` : `${durationMs / UNIT_MS[unit]}${unit}`;
}

const UNIT_BYTES = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 } as const;
const SIZE_SHAPE = /^(\d{1,12})(B|KB|MB|GB)$/;

/** Bytes of `512KB`, `64MB` or `1GB`, where 1 KB is 1024 bytes; null for any other text. Whole numbers only. */
export function parseSize(text: string): number | null {
  const match = SIZE_SHAPE.exec(text);
  if (match === null) return null;
  const [, amount, unit] = match;
  const bytes = Number(amount) * UNIT_BYTES[unit as keyof typeof UNIT_BYTES];
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Milliseconds of a duration and bytes of a size, as the schema has them: what holds them is named for its unit. */
type Milliseconds = number & z.core.$brand<'ms'>;
type Bytes = number & z.core.$brand<'bytes'>;

type NameWithUnit<Key extends PropertyKey, Value> = Value extends Milliseconds
  ? `${Key & string}Ms`
  : Value extends Bytes
    ? `${Key & string}Bytes`
    : Key;

/** Sections as the program has them: their keys carry the unit of their values, `interval` is `intervalMs`. */
export type WithUnits<Part> = {
  readonly [Key in keyof Part as NameWithUnit<Key, Part[Key]>]: Part[Key] extends Milliseconds | Bytes
    ? number
    : Part[Key] extends readonly unknown[] | NamePattern
      ? Part[Key]
      : Part[Key] extends object
        ? WithUnits<Part[Key]>
        : Part[Key];
};
