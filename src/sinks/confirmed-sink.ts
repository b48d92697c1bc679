import type { Sink } from './sink.ts';

/** Whether another sidecar may have ended this one's series. */
export interface Confirmation {
  /** Resolves when that is known. */
  confirm(signal: AbortSignal): Promise<void>;
  /** Series were ended up to then; 0 where they never were. */
  endedSeconds(): number;
}

/**
 * A sink of a sidecar that another may take for dead. Before it sends anything after a long silence it finds out whether
 * its series were ended meanwhile; samples from before that end come too late and are refused.
 */
export function createConfirmedSink(sink: Sink, confirmation: Confirmation): Sink {
  return {
    name: sink.name,
    start: (signal) => sink.start(signal),
    stop: (signal) => sink.stop(signal),
    async deliver(samples, report, signal) {
      await confirmation.confirm(signal);
      const untilMs = (confirmation.endedSeconds() + 1) * 1000;
      if (samples.every(({ takenAtMs }) => takenAtMs >= untilMs)) {
        await sink.deliver(samples, report, signal);
        return;
      }
      report.refused(
        samples.filter(({ takenAtMs }) => takenAtMs < untilMs),
        'another sidecar took this one for dead and has ended its series: nothing may come before that end any more',
      );
      const later = samples.filter(({ takenAtMs }) => takenAtMs >= untilMs);
      if (later.length > 0) await sink.deliver(later, report, signal);
    },
    condition: () => sink.condition(),
  };
}
