import type { Condition } from '../platform/condition-tracker.ts';
import { burrowLimitMs } from './health.ts';
import type { BurrowHealth, HealthInputs, HealthLimits, Phase } from './health-inputs.ts';

/** The answer to one of an orchestrator's two questions. */
export interface ProbeReport {
  readonly status: 'ok' | 'unavailable';
  readonly phase: Phase;
  /** What is missing, and what to do; empty while the status is ok. */
  readonly reasons: readonly string[];
}

/** A request without an answer is no fault before its timeout, which may be longer than a limit. */
const LEAST_SILENCE_MS = 2 * 60_000;

/**
 * Whether this process works: `unavailable` only where a restart cures what is wrong. A Burrow that refuses, or brokers
 * that are away, are faults that a new process would meet, too, and a restart would lose what waits in memory.
 *
 * So it is `unavailable` where no cause is known: no answer has come from any Burrow for as long as it may be silent, and
 * no request has failed, or records wait, none was acknowledged or refused for `sinkSilentMs`, and in that time neither
 * the sink nor the ledger had a fault. And where Burrow runs in the same container and has answered before, because a
 * restart is a restart of Burrow, too.
 */
export function judgeLive(inputs: HealthInputs, limits: HealthLimits, nowMs: number): ProbeReport {
  const { phase, burrows, outbox, sink, ledger, isBurrowSupervised } = inputs;
  // It ends anyway, and has stopped asking.
  if (phase === 'stopping') return report(phase, []);
  const reasons: string[] = [];
  const limitMs = Math.max(burrowLimitMs(inputs, limits), LEAST_SILENCE_MS);
  if (burrows.length > 0 && burrows.every(({ silence }) => silence.durationMs >= limitMs)) {
    // One that has never answered is not where it is looked for: no restart helps.
    if (isBurrowSupervised && burrows.some(({ lastOkMs }) => lastOkMs !== null)) {
      reasons.push('Burrow, which runs in this container, gives no good answer: restart the container');
    } else if (burrows.every(({ lastError }) => lastError === null)) {
      reasons.push('Burrow is not asked any more, for no known cause: restart the sidecar');
    }
  }
  const sinkSilentMs = Math.max(limits.sinkSilentMs, LEAST_SILENCE_MS);
  if (outbox.waitingSamples > 0 && outbox.unansweredMs >= sinkSilentMs) {
    const hadNoFault = [sink.condition, ledger].every(
      (condition) => condition === null || hasBeenOkFor(condition, sinkSilentMs, nowMs),
    );
    if (hadNoFault) reasons.push('records wait and are not sent, for no known cause: restart the sidecar');
  }
  return report(phase, reasons);
}

/** Brokers that come and go are a cause, too, whichever they do at the moment. */
function hasBeenOkFor({ state, sinceMs }: Condition, durationMs: number, nowMs: number): boolean {
  const isAhead = sinceMs > nowMs; // the system clock was set back since
  return state === 'ok' && (isAhead || nowMs - sinceMs >= durationMs);
}

/**
 * Whether this process has come up: each Burrow has answered, so that no URL is wrong, one has given a good sample, or
 * there is nothing to sample, and the sink has taken something, or has no fault and there was nothing to send. What fails
 * later does not change that: only the end of the process does.
 */
export function judgeReady(inputs: HealthInputs): ProbeReport {
  const { phase, burrows, hasNothingToSample, outbox, sink, ledger } = inputs;
  if (phase === 'stopping') return report(phase, ['the sidecar stops']);
  // Burrow has not been asked yet, so it is not to blame.
  if (phase === 'starting') {
    return report(phase, [`the sidecar is starting${ledger === null ? '' : ', and reads its ledger first'}`]);
  }
  const reasons: string[] = [];
  if (!hasNothingToSample && burrows.every(({ lastSampleMs }) => lastSampleMs === null)) {
    const errors = burrows.flatMap((burrow) => causeOf(burrow) ?? []);
    reasons.push(['no good sample has come from Burrow yet', ...errors].join('; '));
  } else {
    for (const burrow of burrows.filter(({ lastOkMs }) => lastOkMs === null)) {
      const cause = causeOf(burrow) ?? burrow.name;
      reasons.push(`one of the Burrow servers has not answered yet; ${cause}`);
    }
  }
  const { condition } = sink;
  const wasTried = outbox.waitingSamples + outbox.droppedSamples > 0 || condition.state === 'faulty';
  if (outbox.lastAcknowledgedMs === null && wasTried) {
    const cause = condition.state === 'faulty' ? [condition.reason] : [];
    reasons.push([`sink ${sink.name} has taken nothing yet`, ...cause].join('; '));
  }
  return report(phase, reasons);
}

function causeOf({ name, lastError }: BurrowHealth): string | null {
  return lastError === null ? null : `${name}: ${lastError.reason}`;
}

function report(phase: Phase, reasons: readonly string[]): ProbeReport {
  return { status: reasons.length === 0 ? 'ok' : 'unavailable', phase, reasons };
}
