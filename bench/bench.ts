import type { BenchOptions } from './options.ts';

/** One benchmark of the suite. */
export interface Bench {
  readonly name: string;
  /** The work, in a few words. */
  readonly work: string;
  run(context: BenchContext): Promise<BenchResult>;
}

export interface BenchContext {
  readonly options: BenchOptions;
  /** The built command line. */
  readonly cli: string;
  /** Tells whoever waits what goes on. */
  readonly progress: (text: string) => void;
}

export interface BenchResult {
  readonly bench: string;
  readonly findings: readonly Finding[];
  /** For the line of JSON. */
  readonly facts: Facts;
  /** Files of CPU profiles. */
  readonly profiles: readonly string[];
}

export type Facts = Readonly<Record<string, number | string | boolean | null>>;

/** One figure beside what it must reach. */
export interface Finding {
  readonly what: string;
  readonly figure: string;
  readonly target: string;
  /** Null where nothing must be reached. */
  readonly met: boolean | null;
}

/** A figure that must not be more than a bound. */
export function atMost(what: string, value: number, bound: number, unit: string): Finding {
  return { what, figure: show(value, unit), target: `≤ ${bound} ${unit}`, met: value <= bound };
}

/** A figure that must not be less than a bound. */
export function atLeast(what: string, value: number, bound: number, unit: string): Finding {
  return {
    what,
    figure: show(value, unit),
    target: `≥ ${bound.toLocaleString('en')} ${unit}`,
    met: value >= bound,
  };
}

/** A figure that is told, and has to be nothing. */
export function told(what: string, value: number, unit: string): Finding {
  return { what, figure: show(value, unit), target: '', met: null };
}

function show(value: number, unit: string): string {
  const digits = Math.abs(value) >= 1000 ? 0 : 2;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`.trimEnd();
}

/** Facts with numbers short enough to read. */
export function rounded(facts: Facts): Facts {
  const entries = Object.entries(facts).map(([name, value]) => [
    name,
    typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(5)) : value,
  ]);
  return Object.fromEntries(entries) as Facts;
}
