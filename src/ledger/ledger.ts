import type { Condition } from '../platform/condition-tracker.ts';

/** What a ledger holds. */
export interface LedgerContents {
  /** The newest value under each key; those that were removed are left out. */
  readonly entries: ReadonlyMap<string, string>;
  /** True where nothing was ever written to it: there was no former process. */
  readonly isNew: boolean;
}

/**
 * Where the spans that are open are remembered outside of the process: values under keys, of which the newest counts.
 */
export interface Ledger {
  /** Whether other processes may use it at the same time. */
  readonly isShared: boolean;
  /**
   * Reads all of it. Waits for as long as it takes; rejects when the signal aborts.
   *
   * @param onRefused called where it is the ledger itself that cannot be read (it may not be created, say), so that
   *   waiting may not help; it is tried again all the same
   */
  read(signal: AbortSignal, onRefused: () => void): Promise<LedgerContents>;
  /** As `read`, with the values of entries left out: they are ''. Those of a source's signs are there. */
  readKeys(signal: AbortSignal): Promise<LedgerContents>;
  /**
   * Writes values, a null removing its key, and resolves when they are safe. Resolves, too, when they cannot be written
   * for now: records are worth more than the ledger is, `condition` tells, and what could not be written is written as
   * soon as that is possible. Rejects when the signal aborts.
   */
  write(entries: ReadonlyMap<string, string | null>, signal: AbortSignal): Promise<void>;
  /**
   * Writes a sign of life, and resolves when it is safe, however long that takes. Rejects when the signal aborts.
   *
   * @returns whether another process has given a sign under this key since the last one
   */
  beat(key: string, value: string, signal: AbortSignal): Promise<{ readonly isContested: boolean }>;
  condition(): Condition;
}
