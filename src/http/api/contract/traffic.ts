import { z } from 'zod';
import { condition, count, epochMs, maybeEpochMs, measure } from './words.ts';

const counts = {
  totalMessage: count('Samples taken'),
  validMessage: count('Those of them with lag'),
  metricsSent: count('Records that the destination acknowledged'),
  exceptionCount: count('What went wrong, all kinds together'),
};

export const trafficMinute = z
  .strictObject({
    atMs: epochMs('When the minute ended'),
    ...counts,
    records: z
      .strictObject({
        lag: count('Records of the lag family'),
        consumer: count('Records of the consumer family'),
        producer: count('Records of the producer family'),
        traffic: count('Records of the traffic family'),
      })
      .describe('Records made, by family'),
    exceptions: z.record(z.string(), count('Times')).describe('What went wrong, by kind; absent is 0'),
    clusters: z.array(z.strictObject({ cluster: z.string(), ...counts })).describe('The counts by cluster'),
  })
  .meta({ id: 'TrafficMinute', description: 'One minute (one step of history) of traffic' });
export type TrafficMinute = z.output<typeof trafficMinute>;

export const outboxState = z
  .strictObject({
    condition,
    waitingSamples: count('Samples that wait'),
    waitingRecords: count('Records that wait'),
    waitingBytes: count('In memory'),
    memoryBytes: count('Bound on that: outbox.memory'),
    diskBytes: count('On disk'),
    oldestWaitingMs: measure('Age of the oldest sample that waits, ms; 0: none waits'),
    lastAcknowledgedMs: maybeEpochMs('When the destination last acknowledged something'),
    droppedSamples: count('Samples dropped since the start'),
    lastDropMs: maybeEpochMs('When the newest of them was'),
  })
  .meta({ id: 'Outbox', description: 'What waits for the destination' });
export type OutboxState = z.output<typeof outboxState>;

export const traffic = z
  .strictObject({
    nowMs: epochMs("The sidecar's clock"),
    stepMs: count('Length of a minute, ms: shorter where time is sped up (demo)'),
    minutes: z.array(trafficMinute).max(60).describe('Oldest first'),
    exceptions: z
      .array(
        z.strictObject({
          kind: z.string(),
          meaning: z.string().describe('What happened, and what to do'),
          lastMinute: count('In the newest minute'),
          lastHour: count('In the last hour, the minute that has not ended included'),
          sinceStart: count('Since the start'),
        }),
      )
      .describe('Every kind there is'),
    outbox: outboxState,
    sink: z.strictObject({
      name: z.string(),
      condition,
      brokers: z.array(z.string()).describe('host:port as configured; empty for other sinks than kafka'),
      topic: z.string().nullable().describe('Where records are produced; null for other sinks than kafka'),
      address: z.string().nullable().describe('host:port of a server that takes lines; null for other sinks'),
    }),
    ledger: z
      .strictObject({ condition })
      .nullable()
      .describe('Where open spans are remembered; null: nowhere'),
    burrows: z
      .array(
        z.strictObject({
          name: z.string().describe('As configured'),
          status: z.enum(['ok', 'degraded', 'unavailable']).describe('As /health-check judges it'),
          sinceMs: epochMs('Since when it has this status'),
          lastOkMs: maybeEpochMs('The newest good answer'),
          lastSampleMs: maybeEpochMs('The newest good answer to a poll'),
          lastError: z
            .strictObject({ atMs: epochMs('When'), reason: z.string() })
            .nullable()
            .describe('Over and done with when it is older than lastOkMs'),
        }),
      )
      .describe('Burrow servers'),
    notifier: z.strictObject({
      acceptedEvents: count('Events taken'),
      invalidBodies: count('Bodies that could not be understood'),
      lastEventMs: maybeEpochMs('The newest event'),
    }),
  })
  .meta({ id: 'Traffic', description: 'What goes in and out' });
export type Traffic = z.output<typeof traffic>;
