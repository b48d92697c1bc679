import { FORMATS } from '../../../src/records/formats/formats.ts';
import { START_MS } from '../history.ts';

/** A series that a history is about, and the machine's rules for it. */
export type Watched = 'Lag' | 'topicLag' | 'totalLag' | 'maxLagCurrentLag' | 'offset';

export interface SampleStep {
  readonly kind: 'sample';
  readonly atMs: number;
  readonly isPaused: boolean;
  /** Null is unknown, undefined is absent. */
  readonly value: number | null | undefined;
  readonly owner: string;
  readonly partition: number;
}

export type TwinStep =
  | SampleStep
  | { readonly kind: 'gone' | 'released'; readonly atMs: number }
  | { readonly kind: 'endedElsewhere'; readonly atSeconds: number; readonly wasSpared: boolean }
  | { readonly kind: 'replaced'; readonly notBeforeSeconds: number; readonly isDoubtful: boolean };

export interface TwinHistory {
  readonly watched: Watched;
  readonly confirmZero: number;
  readonly zeroTolerance: number;
  readonly steps: readonly TwinStep[];
}

const WATCHED = ['Lag', 'Lag', 'Lag', 'topicLag', 'totalLag', 'maxLagCurrentLag', 'offset'] as const;
/** Some look the same in records. */
const OWNERS = ['/10.0.0.1', '/10.0.0.1', '/10.0.0.1', '/10.0.0.2', 'a\n', 'a_', '', 'unknown'] as const;

/** What records show of an owner. */
export function shownOwner(owner: string | undefined): string {
  return owner === undefined ? 'nobody' : FORMATS.wavefront.showTag('owner', owner) || 'unknown';
}

/** A history of one series; the same number gives the same one. */
export function createHistory(seed: number): TwinHistory {
  const random = createRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const watched = pick(WATCHED);
  const confirmZero = below(6);
  const zeroTolerance = pick([0, 0, 1, 4]);
  const values = [0, 0, 0, 0, zeroTolerance, zeroTolerance + 1, 5, 5, 7, 1_000_000, null, undefined];
  const steps: TwinStep[] = [];
  let atMs = START_MS + below(1000);
  let value: SampleStep['value'] = 0;
  let owner: string = OWNERS[0];
  let partition = 0;
  // Mostly short, because a step that XState takes costs 10 µs.
  for (let left = 1 + below(random() < 0.15 ? 24 : 10); left > 0; left--) {
    atMs += random() < 0.7 ? 30_000 : below(70_000);
    const atSeconds = Math.floor(atMs / 1000);
    const what = random();
    if (what < 0.88) {
      if (random() < 0.55) value = pick(values);
      if (random() < 0.2) owner = pick(OWNERS);
      if (watched === 'maxLagCurrentLag' && random() < 0.2) partition = below(2);
      steps.push({ kind: 'sample', atMs, isPaused: random() < 0.03, value, owner, partition });
    } else if (what < 0.91) steps.push({ kind: 'gone', atMs });
    else if (what < 0.92) steps.push({ kind: 'released', atMs });
    else if (what < 0.96) {
      const wasSpared = random() < 0.2;
      steps.push({ kind: 'endedElsewhere', atSeconds: atSeconds - 60 + below(70), wasSpared });
    } else {
      const notBeforeSeconds = atSeconds + below(20);
      steps.push({ kind: 'replaced', notBeforeSeconds, isDoubtful: random() < 0.5 });
    }
  }
  return { watched, confirmZero, zeroTolerance, steps };
}

/** Mulberry32: 0 to 1, evenly. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
