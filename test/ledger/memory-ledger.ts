import type { Ledger } from '../../src/ledger/ledger.ts';

/** A ledger that forgets nothing, with everything written to it in order. */
export interface MemoryLedger extends Ledger {
  readonly entries: Map<string, string>;
  readonly written: (readonly [string, string | null])[];
  /** While set, nothing is written: callers wait. */
  isAway: boolean;
  isShared: boolean;
  /** While set, nothing is written, and callers go on. */
  isRefusing: boolean;
  /** Whether another process gives signs under the same keys. */
  isContested: boolean;
}

export function createMemoryLedger(entries = new Map<string, string>(), isNew = false): MemoryLedger {
  const written: (readonly [string, string | null])[] = [];
  const ledger: MemoryLedger = {
    entries,
    written,
    isAway: false,
    isShared: false,
    isRefusing: false,
    isContested: false,
    read: () => (ledger.isAway ? new Promise(() => undefined) : Promise.resolve({ entries, isNew })),
    readKeys: (signal) => ledger.read(signal, () => undefined),
    async write(changes) {
      if (ledger.isAway) await new Promise(() => undefined);
      if (ledger.isRefusing) return;
      for (const [key, value] of changes) {
        written.push([key, value]);
        if (value === null) entries.delete(key);
        else entries.set(key, value);
      }
    },
    async beat(key, value, signal) {
      await ledger.write(new Map([[key, value]]), signal);
      return { isContested: ledger.isContested };
    },
    condition() {
      if (ledger.isRefusing) return { state: 'faulty', reason: 'refused', sinceMs: 0 };
      if (ledger.isAway) return { state: 'faulty', reason: 'away', sinceMs: 0 };
      return { state: 'ok', sinceMs: 0 };
    },
  };
  return ledger;
}
