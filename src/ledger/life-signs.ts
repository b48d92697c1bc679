/** A sign of life of a process. */
export interface LifeSign {
  readonly processId: string;
  /** Counts up. */
  readonly beat: number;
  /** When it was given, by the clock that stamps the records of its source. */
  readonly atSeconds: number;
}

/** Word of one source that it ends the open spans of another. */
export interface EndClaim {
  /** The process that ends it. */
  readonly by: string;
  readonly source: string;
  /** Stamp of the zero-ends. */
  readonly atSeconds: number;
}

/** With an older sign than so many beats nothing is sent before it is known what others have made of that. */
export const BEATS_OF_SILENCE = 2;
/** How long after its last sign of life the keys of a source without open spans are removed. */
export const FORGOTTEN_MS = 30 * 24 * 60 * 60_000;

/** Later than all records that a source can have sent without another sign. */
export function afterLastRecordSeconds(signSeconds: number, beatMs: number): number {
  return signSeconds + Math.ceil((BEATS_OF_SILENCE * beatMs) / 1000) + 2;
}

export function writeSign({ processId, beat, atSeconds }: LifeSign): string {
  return JSON.stringify([processId, beat, atSeconds]);
}

/** Null where it is not understood, or does not tell its time. */
export function readSign(value: string | undefined): LifeSign | null {
  const parsed = parse(value);
  if (!Array.isArray(parsed)) return null;
  const [processId, beat, atSeconds] = parsed as unknown[];
  if (typeof processId !== 'string' || typeof beat !== 'number' || !isTime(atSeconds)) return null;
  return { processId, beat, atSeconds };
}

export function writeClaim({ by, source, atSeconds }: EndClaim): string {
  return JSON.stringify({ v: 1, by, source, atSeconds });
}

/** Null where there is none, or where it is not understood. */
export function readClaim(value: string | undefined): EndClaim | null {
  const parsed = parse(value);
  if (typeof parsed !== 'object' || parsed === null) return null;
  const { v, by, source, atSeconds } = parsed as Partial<Record<string, unknown>>;
  if (v !== 1 || typeof by !== 'string' || typeof source !== 'string' || !isTime(atSeconds)) return null;
  return { by, source, atSeconds };
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function parse(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
