import type { Format, ReadRecord } from './format.ts';
import { graphiteFormat } from './graphite.ts';
import { influxFormat } from './influx.ts';
import { jsonFormat } from './json.ts';
import { wavefrontFormat } from './wavefront.ts';

/** Every wire format, by its `sink.format`. */
export const FORMATS = {
  wavefront: wavefrontFormat,
  json: jsonFormat,
  influx: influxFormat,
  graphite: graphiteFormat,
} as const satisfies Readonly<Record<string, Format>>;

export type FormatName = keyof typeof FORMATS;

export const FORMAT_NAMES = Object.keys(FORMATS) as [FormatName, ...FormatName[]];

/** The records of a unit of whatever format; none where it is of none. */
export function readUnit(unit: string): readonly ReadRecord[] {
  for (const name of FORMAT_NAMES) {
    const records = FORMATS[name].read(unit);
    if (records.length > 0) return records;
  }
  return [];
}

/** See `Format`, for a unit of whatever format. */
export function seriesOfZeroes(unit: string): string | null {
  for (const name of FORMAT_NAMES) {
    const series = FORMATS[name].seriesOfZeroes(unit);
    if (series !== null) return series;
  }
  return null;
}
