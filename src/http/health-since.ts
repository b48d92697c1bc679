import type { HealthReport, HealthStatus, PartReport } from './health.ts';

/** A report that says of the whole and of each part since when its status holds, ms since the epoch. */
export interface DatedHealth extends HealthReport {
  readonly sinceMs: number;
  readonly parts: readonly DatedPart[];
}

export interface DatedPart extends PartReport {
  readonly sinceMs: number;
}

/** Times that differ by less are the same. */
const TOLERANCE_MS = 1000;

/** What the look before found. */
interface Dated {
  readonly status: HealthStatus;
  readonly sinceMs: number;
}

/**
 * Dates reports. Where a part's own facts do not tell when its status began, it began with the first look that found it,
 * or with the process where the first look of all did.
 */
export function createHealthDating(): (
  report: HealthReport,
  startedAtMs: number,
  nowMs: number,
) => DatedHealth {
  let parts = new Map<string, Dated>();
  let whole: Dated | null = null;
  return (report, startedAtMs, nowMs) => {
    const seenMs = whole === null ? startedAtMs : nowMs;
    const dated = report.parts.map(({ name, status, sinceMs: ownMs, ...figures }): DatedPart => {
      const before = parts.get(name);
      const beforeMs = before?.status === status ? before.sinceMs : null;
      const sinceMs = ownMs ?? beforeMs ?? seenMs;
      // What is reckoned back from now is not the same at each look.
      const isSame = beforeMs !== null && Math.abs(sinceMs - beforeMs) < TOLERANCE_MS;
      return { name, status, sinceMs: isSame ? beforeMs : sinceMs, ...figures };
    });
    parts = new Map(dated.map(({ name, status, sinceMs }) => [name, { status, sinceMs }]));
    if (whole?.status !== report.status) {
      const sinceMs = Math.max(whole?.sinceMs ?? startedAtMs, beganMs(report.status, dated) ?? seenMs);
      whole = { status: report.status, sinceMs };
    }
    const { status, phase, uptimeSeconds } = report;
    return { status, sinceMs: whole.sinceMs, phase, uptimeSeconds, parts: dated };
  };
}

/** All is well since the last part is; it is not since the first part with that status is not. Null: no part tells. */
function beganMs(status: HealthStatus, parts: readonly DatedPart[]): number | null {
  const times = parts.flatMap((part) => (part.status === status ? [part.sinceMs] : []));
  if (times.length === 0) return null;
  return status === 'ok' ? Math.max(...times) : Math.min(...times);
}
