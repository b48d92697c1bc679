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
  let lookedMs = -Infinity;
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
    const { status, phase, uptimeSeconds } = report;
    const isContinued = status === 'ok' || dated.some((part) => lasts(part, parts.get(part.name), lookedMs));
    parts = new Map(dated.map((part) => [part.name, { status: part.status, sinceMs: part.sinceMs }]));
    const tells = beganMs(status, dated) ?? seenMs;
    if (whole === null) whole = { status, sinceMs: Math.max(startedAtMs, tells) };
    // It has changed since the look before: what has been so for longer does not tell when.
    else if (whole.status !== status) whole = { status, sinceMs: tells > lookedMs ? tells : nowMs };
    // What was wrong at the look before is over, and something else is wrong.
    else if (!isContinued) whole = { status, sinceMs: tells };
    lookedMs = nowMs;
    return { status, sinceMs: whole.sinceMs, phase, uptimeSeconds, parts: dated };
  };
}

/** Whether something has been wrong with a part ever since the look before. */
function lasts({ status, sinceMs }: DatedPart, before: Dated | undefined, lookedMs: number): boolean {
  if (status === 'ok' || before === undefined || before.status === 'ok') return false;
  return before.status !== status || sinceMs <= lookedMs;
}

/** When the parts that make the whole what it is had come together; null: no part tells. */
function beganMs(status: HealthStatus, parts: readonly DatedPart[]): number | null {
  switch (status) {
    case 'ok':
      return latest(parts);
    case 'degraded':
      return earliest(parts.filter((part) => part.status !== 'ok').map(({ sinceMs }) => sinceMs));
    case 'unavailable': {
      const gone = parts.filter((part) => part.status === 'unavailable');
      const causes = gone.filter((part) => !isBurrow(part)).map(({ sinceMs }) => sinceMs);
      // It takes all of the Burrow servers, of all else one is enough.
      const lastBurrowMs = parts.filter(isBurrow).every((part) => gone.includes(part))
        ? latest(gone.filter(isBurrow))
        : null;
      return earliest(lastBurrowMs === null ? causes : [...causes, lastBurrowMs]);
    }
  }
}

function isBurrow({ name }: DatedPart): boolean {
  return name.startsWith('burrow ');
}

function latest(parts: readonly DatedPart[]): number | null {
  return parts.length === 0 ? null : Math.max(...parts.map(({ sinceMs }) => sinceMs));
}

function earliest(times: readonly number[]): number | null {
  return times.length === 0 ? null : Math.min(...times);
}
