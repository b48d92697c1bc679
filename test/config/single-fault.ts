import { expect } from 'vitest';
import { faultsOf, type Given } from './loading.ts';

/** A mistake and the one fault that must come of it. `text` is its path and how its rule begins; no hint is null. */
export type FaultCase = readonly [
  title: string,
  given: Given,
  text: string,
  source: string,
  hint: string | null,
];

/** What was reported, and what it must match: each text anywhere in its own. */
export function faultIn([, given, text, source, hint]: FaultCase): { fault: unknown; expected: unknown } {
  const faults = faultsOf(given);
  const fault = faults.map((one) => ({
    text: `${one.path} ${one.rule}`.trim(),
    source: one.source,
    hint: one.hint ?? null,
  }));
  const containing = (part: string): unknown => expect.stringContaining(part);
  return {
    fault,
    expected: [
      { text: containing(text), source: containing(source), hint: hint === null ? null : containing(hint) },
    ],
  };
}
