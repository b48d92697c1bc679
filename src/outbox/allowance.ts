/** How much may be read back now: a steady rate, and as much again as comes in meanwhile. */
export interface Allowance {
  /** So much came in. */
  earn(bytes: number): void;
  /** Whether anything is left; it may be overdrawn by one chunk. */
  isOpen(nowMs: number): boolean;
  spend(bytes: number): void;
}

/** What is not used within a second is gone, so that no burst follows a pause. */
export function createAllowance(bytesPerSecond: number): Allowance {
  let balance = 0;
  let atMs: number | null = null;
  return {
    earn(bytes) {
      balance += bytes;
    },
    isOpen(nowMs) {
      const elapsedMs = atMs === null ? 1000 : Math.max(0, nowMs - atMs);
      atMs = nowMs;
      balance = Math.min(bytesPerSecond, balance + (bytesPerSecond * elapsedMs) / 1000);
      return balance > 0;
    },
    spend(bytes) {
      balance -= bytes;
    },
  };
}
