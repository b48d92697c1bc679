/**
 * Records that move at a rate which repeats itself: the production of a topic, or the capacity of a consumer.
 * Everything here is a pure function of time, so a world can answer for any moment in any order.
 */
export interface Flow {
  readonly periodMs: number;
  /** Back to back from 0; the last one ends at `periodMs`. */
  readonly steps: readonly FlowStep[];
  /** Once a period the offset goes back by so many records: a consumer that rewinds. */
  readonly setback?: { readonly atMs: number; readonly records: number };
}

export interface FlowStep {
  readonly untilMs: number;
  readonly recordsPerSecond: number;
}

/** The same flow, `byMs` later. */
export interface ShiftedFlow {
  readonly flow: Flow;
  readonly byMs: number;
}

/** Records from time 0 to `atMs` (negative before 0), setbacks included. Not rounded. */
function volume({ flow, byMs }: ShiftedFlow, atMs: number): number {
  const shiftedMs = atMs - byMs;
  const rounds = Math.floor(shiftedMs / flow.periodMs);
  const phaseMs = shiftedMs - rounds * flow.periodMs;
  let perRound = 0;
  let inThisRound = 0;
  let fromMs = 0;
  for (const { untilMs, recordsPerSecond } of flow.steps) {
    perRound += ((untilMs - fromMs) * recordsPerSecond) / 1000;
    inThisRound += (Math.max(0, Math.min(phaseMs, untilMs) - fromMs) * recordsPerSecond) / 1000;
    fromMs = untilMs;
  }
  if (flow.setback !== undefined) {
    perRound -= flow.setback.records;
    if (phaseMs >= flow.setback.atMs) inThisRound -= flow.setback.records;
  }
  return rounds * perRound + inThisRound;
}

/** Records produced from time 0 to `atMs`. */
export function producedRecords(production: ShiftedFlow, atMs: number): number {
  return volume(production, atMs);
}

/** The moments in (fromMs, toMs] at which the flow changes. */
function changesWithin({ flow, byMs }: ShiftedFlow, fromMs: number, toMs: number): number[] {
  const moments: number[] = [];
  const phases = flow.steps.map(({ untilMs }) => untilMs);
  if (flow.setback !== undefined) phases.push(flow.setback.atMs);
  for (const phaseMs of phases) {
    const first = Math.floor((fromMs - byMs - phaseMs) / flow.periodMs) + 1;
    for (let round = first; ; round += 1) {
      const momentMs = byMs + phaseMs + round * flow.periodMs;
      if (momentMs > toMs) break;
      moments.push(momentMs);
    }
  }
  return moments;
}

/**
 * Records consumed from time 0 to `atMs` by a consumer that takes what is there, up to its capacity: a queue.
 * What is left to consume is production minus capacity, less the lowest value that this difference has had.
 *
 * Exact while one period is a multiple of the other and, over the longer one, capacity outweighs production;
 * then that lowest point always lies within the last period.
 */
export function consumedRecords(production: ShiftedFlow, capacity: ShiftedFlow, atMs: number): number {
  const longestMs = Math.max(production.flow.periodMs, capacity.flow.periodMs);
  const surplus = (momentMs: number): number => volume(production, momentMs) - volume(capacity, momentMs);
  const now = surplus(atMs);
  let lowest = now;
  const moments = [
    ...changesWithin(production, atMs - longestMs, atMs),
    ...changesWithin(capacity, atMs - longestMs, atMs),
  ];
  const { setback } = capacity.flow;
  for (const momentMs of moments) {
    const after = surplus(momentMs);
    lowest = Math.min(lowest, after);
    // A setback raises the surplus at once: the value just before it counts.
    if (setback !== undefined && isAt(capacity, setback.atMs, momentMs))
      lowest = Math.min(lowest, after - setback.records);
  }
  return volume(production, atMs) - (now - lowest);
}

function isAt({ flow, byMs }: ShiftedFlow, phaseMs: number, momentMs: number): boolean {
  const rounds = (momentMs - byMs - phaseMs) / flow.periodMs;
  return Math.abs(rounds - Math.round(rounds)) * flow.periodMs < 0.001;
}
