import type { HealthInputs, HealthLimits, Phase } from './health.ts';

/** The answer to one of an orchestrator's two questions. */
export interface ProbeReport {
  readonly status: 'ok' | 'unavailable';
  readonly phase: Phase;
  /** What is missing, and what to do; empty while the status is ok. */
  readonly reasons: readonly string[];
}

/**
 * Whether this process works: `unavailable` only where a restart cures what is wrong. A Burrow that refuses, or brokers
 * that are away, are faults that a new process would meet, too, and a restart would lose what waits in memory.
 *
 * So it is `unavailable` where no cause is known: no answer has come from any Burrow for `burrowSilentMs` and no request
 * has failed, or records wait, none was acknowledged for `sinkSilentMs`, and the sink has no fault. And where Burrow is
 * silent that runs in the same container, because a restart is a restart of Burrow, too.
 */
export function judgeLive(
  { phase, burrows, outbox, sink, isBurrowSupervised }: HealthInputs,
  { burrowSilentMs, sinkSilentMs }: HealthLimits,
): ProbeReport {
  // It ends anyway, and has stopped asking.
  if (phase === 'stopping') return report(phase, []);
  const reasons: string[] = [];
  if (burrows.length > 0 && burrows.every(({ silence }) => silence.durationMs >= burrowSilentMs)) {
    if (isBurrowSupervised) {
      reasons.push('Burrow, which runs in this container, gives no good answer: restart the container');
    } else if (burrows.every(({ lastError }) => lastError === null)) {
      reasons.push('Burrow is not asked any more, for no known cause: restart the sidecar');
    }
  }
  if (outbox.waitingSamples > 0 && outbox.silentMs >= sinkSilentMs && sink.condition.state === 'ok') {
    reasons.push('records wait and are not sent, for no known cause: restart the sidecar');
  }
  return report(phase, reasons);
}

/**
 * Whether this process has come up: Burrow has given a good sample, or has nothing to sample, and the sink has taken
 * something, or there was nothing to send. What fails later does not change that: only the end of the process does.
 */
export function judgeReady({ phase, burrows, hasNothingToSample, outbox, sink }: HealthInputs): ProbeReport {
  if (phase === 'stopping') return report(phase, ['the sidecar stops']);
  const reasons: string[] = [];
  if (!hasNothingToSample && burrows.every(({ lastSampleMs }) => lastSampleMs === null)) {
    const errors = burrows.flatMap(({ name, lastError }) =>
      lastError === null ? [] : [`${name}: ${lastError.reason}`],
    );
    reasons.push(['no good sample has come from Burrow yet', ...errors].join('; '));
  }
  if (outbox.lastAcknowledgedMs === null && outbox.waitingSamples + outbox.droppedSamples > 0) {
    const { condition } = sink;
    const cause = condition.state === 'faulty' ? [condition.reason] : [];
    reasons.push([`sink ${sink.name} has taken nothing yet`, ...cause].join('; '));
  }
  return report(phase, reasons);
}

function report(phase: Phase, reasons: readonly string[]): ProbeReport {
  return { status: reasons.length === 0 ? 'ok' : 'unavailable', phase, reasons };
}
