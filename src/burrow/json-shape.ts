import { MAX_NAME_CHARACTERS } from './request-path.ts';
import { RainbowError } from '../platform/rainbow-error.ts';

/** A JSON object whose fields have not been looked at yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** How many numbers of one answer were no safe integers. */
export interface IntegerTally {
  unsafeIntegers: number;
}

/**
 * An answer whose shape breaks Burrow's contract. Thrown only inside the decoders of this folder, which turn it into
 * an `invalid` outcome. `field` is the path within the answer, `rule` what it has to be.
 */
export class ShapeFault extends RainbowError<'BURROW_ANSWER'> {
  readonly field: string;
  readonly rule: string;

  constructor(field: string, rule: string) {
    super('BURROW_ANSWER', `${field} is not ${rule}`);
    this.field = field;
    this.rule = rule;
  }
}

/** The object that `value` is. Throws {@link ShapeFault} for anything else, `null` and arrays included. */
export function objectOf(value: unknown, field: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ShapeFault(field, 'an object');
  return value as JsonObject;
}

/**
 * Partitions of one group or one topic: as many as the largest Kafka clusters have in all. A list that goes beyond
 * is none to keep books on.
 */
export const MAX_PARTITIONS = 200_000;

/** The list that `value` is, of {@link MAX_PARTITIONS} at most. Else {@link ShapeFault}. */
export function partitionListOf(value: unknown, field: string): readonly unknown[] {
  const list = listOf(value, field);
  if (list.length > MAX_PARTITIONS) throw new ShapeFault(field, `a list of at most ${MAX_PARTITIONS}`);
  return list;
}

/** The array that `value` is; `null`, which is how Go writes an absent list, is empty. Else {@link ShapeFault}. */
export function listOf(value: unknown, field: string): readonly unknown[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw new ShapeFault(field, 'a list');
  return value;
}

/** The string that `value` is, else {@link ShapeFault}. */
export function stringOf(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new ShapeFault(field, 'a string');
  return value;
}

/** A name of bounded length, which may be blank. Else {@link ShapeFault}. */
export function nameOf(value: unknown, field: string): string {
  const name = stringOf(value, field);
  if (name.length > MAX_NAME_CHARACTERS) {
    throw new ShapeFault(field, `a name of at most ${MAX_NAME_CHARACTERS} characters`);
  }
  return name;
}

/** The string that `value` is; blank where it is `null` or absent. Else {@link ShapeFault}. */
export function stringOrBlank(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  throw new ShapeFault(field, 'a string');
}

/**
 * An offset, a timestamp or a count of records: 0 or more, or `null` where the number is unknown.
 * Burrow's numbers below 0 are unknown. Its uint64 past 2^53 has lost digits in `JSON.parse`; that one, and a
 * fraction, is tallied. Throws {@link ShapeFault} for anything that is no number.
 */
export function naturalOrNull(value: unknown, field: string, tally: IntegerTally): number | null {
  if (typeof value !== 'number') throw new ShapeFault(field, 'a number');
  if (value < 0) return null;
  if (Number.isSafeInteger(value)) return value;
  tally.unsafeIntegers += 1;
  return null;
}
