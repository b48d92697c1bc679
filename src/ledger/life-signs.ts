/** A sign of life of a process. */
export interface LifeSign {
  readonly processId: string;
  /** Counts up. */
  readonly beat: number;
  /** When it was given, by the clock that stamps the records of its source. */
  readonly atSeconds: number;
}

/** Word of one source that it ends what another has left open. */
export interface EndClaim {
  /** The process that ends it. */
  readonly by: string;
  readonly source: string;
  /** Stamp of the zero-ends. */
  readonly atSeconds: number;
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
