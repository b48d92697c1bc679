import type { Condition } from '../platform/condition-tracker.ts';
import type {
  BurrowHealth,
  HealthInputs,
  HealthLimits,
  NotifierHealth,
  OutboxHealth,
  Phase,
} from './health-inputs.ts';

export type HealthStatus = 'ok' | 'degraded' | 'unavailable';

/**
 * What is reported on, each with a section in docs/troubleshooting.md. Where there may be several, the name of the
 * server, the cluster or the sink follows.
 */
export const HEALTH_PARTS = [
  'burrow',
  'cluster',
  'first polls',
  'group limit',
  'outbox',
  'sink',
  'ledger',
  'clock',
  'notifier',
] as const;

type HealthPart = (typeof HEALTH_PARTS)[number];

/** One part of the answer. Further fields are its figures, units in their names; null is 'not yet'. */
export interface PartReport {
  readonly name: HealthPart | `${HealthPart} ${string}`;
  readonly status: HealthStatus;
  readonly reason?: string;
  /** Since when it has this status, ms since the epoch; absent where its facts do not tell, see `createHealthDating`. */
  readonly sinceMs?: number;
  readonly [figure: string]: string | number | null | undefined;
}

export interface HealthReport {
  readonly status: HealthStatus;
  readonly phase: Phase;
  readonly uptimeSeconds: number;
  readonly parts: readonly PartReport[];
}

/**
 * Judges whether series arrive. `unavailable` becomes a 503 on `/health-check`, and some load balancers kill what answers
 * so, which loses what waits in memory (they had better ask `/live`, see `judgeLive`). So it is kept for two states: no
 * Burrow has given a good sample for `burrowSilentMs`, or records wait and none was acknowledged for `sinkSilentMs`.
 * Everything else that a person should know (one Burrow of several silent, a sink that retries, samples dropped) is
 * `degraded`, with 200.
 *
 * Silence counts from the first question at the earliest, which gives a fresh process the same grace.
 */
export function judgeHealth(
  inputs: HealthInputs,
  notifier: NotifierHealth,
  limits: HealthLimits,
  nowMs: number,
): HealthReport {
  const burrows = inputs.burrows.map((burrow) => judgeBurrow(burrow, inputs, limits, nowMs));
  const sink = judgeSink(inputs, limits, nowMs);
  const parts = [
    ...burrows,
    ...reportNamesakes(inputs),
    ...reportFirstPolls(inputs),
    ...reportGroupLimit(inputs),
    judgeOutbox(inputs.outbox, limits, nowMs),
    sink,
    ...reportLedger(inputs.ledger, nowMs),
    ...reportClock(inputs),
    reportNotifier(notifier, nowMs),
  ];
  const isBurrowGone = burrows.length > 0 && burrows.every(({ status }) => status === 'unavailable');
  return {
    status: overall(isBurrowGone || sink.status === 'unavailable', parts),
    phase: inputs.phase,
    uptimeSeconds: secondsSince(inputs.startedAtMs, nowMs),
    parts,
  };
}

/** How long a Burrow may give no good answer, ms. */
export function burrowLimitMs(
  { hasNothingToSample }: Pick<HealthInputs, 'hasNothingToSample'>,
  { burrowSilentMs, listsSilentMs }: HealthLimits,
): number {
  return hasNothingToSample ? listsSilentMs : burrowSilentMs;
}

function overall(isUnavailable: boolean, parts: readonly PartReport[]): HealthStatus {
  if (isUnavailable) return 'unavailable';
  return parts.every(({ status }) => status === 'ok') ? 'ok' : 'degraded';
}

function judgeBurrow(
  { name: server, lastOkMs, lastSampleMs, lastError, silence, sinceMs }: BurrowHealth,
  inputs: HealthInputs,
  limits: HealthLimits,
  nowMs: number,
): PartReport {
  const limitMs = burrowLimitMs(inputs, limits);
  const name = `burrow ${server}` as const;
  const figures = {
    lastGoodAnswerAgeSeconds: ageSeconds(lastOkMs, nowMs),
    lastSampleAgeSeconds: ageSeconds(lastSampleMs, nowMs),
  };
  const error = lastError?.reason ?? null;
  // A stopping sidecar has stopped asking: its silence says nothing about Burrow.
  if (silence.durationMs >= limitMs && inputs.phase !== 'stopping') {
    const missing = silence.about === 'all' ? 'no good answer' : `no good answer about ${silence.about}`;
    const lasting = `${missing} for ${seconds(silence.durationMs)} (limit ${seconds(limitMs)})`;
    const sinceLimitMs = Math.round(nowMs - silence.durationMs + limitMs);
    const reason = withCause(lasting, error);
    return { name, status: 'unavailable', sinceMs: sinceLimitMs, reason, ...figures };
  }
  if (error !== null) return { name, status: 'degraded', sinceMs, reason: error, ...figures };
  return { name, status: 'ok', sinceMs, ...figures };
}

function judgeOutbox(outbox: OutboxHealth, { dropMemoryMs }: HealthLimits, nowMs: number): PartReport {
  const name = 'outbox';
  const figures = {
    waitingSamples: outbox.waitingSamples,
    waitingRecords: outbox.waitingRecords,
    waitingBytes: outbox.waitingBytes,
    diskBytes: outbox.diskBytes,
    oldestWaitingSeconds: outbox.oldestWaitingMs / 1000,
    droppedSamples: outbox.droppedSamples,
    lastDropAgeSeconds: ageSeconds(outbox.lastDropMs, nowMs),
  };
  const { condition, lastDropMs } = outbox;
  const fault = faultOf(condition);
  if (lastDropMs !== null && nowMs - lastDropMs < dropMemoryMs) {
    const drops = `samples were lost, the newest ${seconds(nowMs - lastDropMs)} ago`;
    const sinceMs = Math.min(outbox.dropsSinceMs ?? nowMs, fault === null ? nowMs : condition.sinceMs);
    return { name, status: 'degraded', sinceMs, reason: withCause(drops, fault), ...figures };
  }
  if (fault !== null) {
    return { name, status: 'degraded', sinceMs: condition.sinceMs, reason: fault, ...figures };
  }
  const forgottenMs = lastDropMs === null ? 0 : lastDropMs + dropMemoryMs;
  return { name, status: 'ok', sinceMs: Math.max(condition.sinceMs, forgottenMs), ...figures };
}

function judgeSink(
  { sink, outbox }: HealthInputs,
  { sinkSilentMs }: HealthLimits,
  nowMs: number,
): PartReport {
  const name = `sink ${sink.name}` as const;
  const figures = {
    lastAcknowledgedAgeSeconds: ageSeconds(outbox.lastAcknowledgedMs, nowMs),
    faultAgeSeconds: sink.condition.state === 'faulty' ? ageSeconds(sink.condition.sinceMs, nowMs) : null,
  };
  const fault = faultOf(sink.condition);
  if (outbox.waitingSamples > 0 && outbox.silentMs >= sinkSilentMs) {
    const silence =
      `records wait and none was acknowledged for ${seconds(outbox.silentMs)} ` +
      `(limit ${seconds(sinkSilentMs)})`;
    const sinceLimitMs = Math.round(nowMs - outbox.silentMs + sinkSilentMs);
    const reason = withCause(silence, fault);
    return { name, status: 'unavailable', sinceMs: sinceLimitMs, reason, ...figures };
  }
  const { sinceMs } = sink.condition;
  if (fault !== null) return { name, status: 'degraded', sinceMs, reason: fault, ...figures };
  return { name, status: 'ok', sinceMs, ...figures };
}

/** Nothing where all groups are followed. */
function reportGroupLimit({ groupLimit: { maxGroups, leftOutGroups } }: HealthInputs): PartReport[] {
  if (leftOutGroups === 0) return [];
  const reason = `${maxGroups} groups are followed, as many as discovery.maxGroups allows, and ${leftOutGroups} are left out: raise it, or deny some in discovery.groups`;
  return [{ name: 'group limit', status: 'degraded', reason, leftOutGroups }];
}

/** Some groups are not followed: a person should know, and no restart helps. */
function reportNamesakes({ namesakes = [] }: HealthInputs): PartReport[] {
  return namesakes.map(({ cluster, reason }) => ({ name: `cluster ${cluster}`, status: 'degraded', reason }));
}

/** A start with thousands of groups takes its time, and nothing is wrong with that. */
function reportFirstPolls({ firstPolls, phase }: HealthInputs): PartReport[] {
  return firstPolls === null || phase === 'stopping'
    ? []
    : [{ name: 'first polls', status: 'ok', ...firstPolls }];
}

/** Never worse than degraded: records go on without it. */
function reportLedger(condition: Condition | null, nowMs: number): PartReport[] {
  if (condition === null) return [];
  const { sinceMs } = condition;
  if (condition.state === 'ok') return [{ name: 'ledger', status: 'ok', sinceMs }];
  const faultAgeSeconds = ageSeconds(sinceMs, nowMs);
  return [{ name: 'ledger', status: 'degraded', sinceMs, reason: condition.reason, faultAgeSeconds }];
}

/** Nothing while it is right. */
function reportClock({ clockAheadMs: aheadMs, clockSetBackAtMs }: HealthInputs): PartReport[] {
  if (aheadMs < 1000) return [];
  const reason =
    `the system clock was set back: records are stamped ${seconds(aheadMs)} ahead of it, ` +
    'less and less until it has caught up';
  const since = typeof clockSetBackAtMs === 'number' ? { sinceMs: clockSetBackAtMs } : {};
  return [{ name: 'clock', status: 'degraded', ...since, reason }];
}

/** Never worse than ok: anyone may send a wrong body, and polling goes on without the notifier. */
function reportNotifier(notifier: NotifierHealth, nowMs: number): PartReport {
  return {
    name: 'notifier',
    status: 'ok',
    acceptedEvents: notifier.acceptedEvents,
    invalidBodies: notifier.invalidBodies,
    lastEventAgeSeconds: ageSeconds(notifier.lastEventMs, nowMs),
  };
}

function faultOf(condition: Condition): string | null {
  return condition.state === 'faulty' ? condition.reason : null;
}

function withCause(statement: string, cause: string | null): string {
  return cause === null ? statement : `${statement}: ${cause}`;
}

function ageSeconds(atMs: number | null, nowMs: number): number | null {
  return atMs === null ? null : secondsSince(atMs, nowMs);
}

/** A clock that was set back makes no negative ages. */
function secondsSince(atMs: number, nowMs: number): number {
  return Math.max(0, nowMs - atMs) / 1000;
}

function seconds(durationMs: number): string {
  return `${Math.max(0, Math.round(durationMs / 1000))} s`;
}
