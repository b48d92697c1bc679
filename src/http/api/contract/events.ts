import { z } from 'zod';
import { groupRow } from './groups.ts';
import { healthSummary } from './overview.ts';
import { outboxState, trafficMinute } from './traffic.ts';
import { epochMs } from './words.ts';

export const resetEvent = z
  .strictObject({
    reason: z
      .enum(['fresh', 'expired'])
      .describe(
        'fresh: no Last-Event-ID came; expired: what followed that id is not kept any more, or what was before has been read back',
      ),
    nowMs: epochMs("The sidecar's clock"),
  })
  .meta({
    id: 'ResetEvent',
    description:
      'event: reset. The first event of every stream that does not resume: load what you show anew, then go on',
  });

export const groupsEvent = z
  .strictObject({
    nowMs: epochMs("The sidecar's clock"),
    rows: z.array(groupRow).describe('Every group with a new sample since the event before'),
    gone: z
      .array(z.tuple([z.string(), z.string()]))
      .describe('Cluster and name of each group that is no more'),
  })
  .meta({ id: 'GroupsEvent', description: 'event: groups. At most one a second' });

export const trafficEvent = z
  .strictObject({ minute: trafficMinute, outbox: outboxState })
  .meta({ id: 'TrafficEvent', description: 'event: traffic. One a minute (one a step of history)' });

export const healthEvent = healthSummary.meta({
  id: 'HealthEvent',
  description:
    'event: health. When the status, its beginning, the phase, or the status, its beginning or the reason of a part has changed; looked at every few seconds',
});

/** The data of each kind of event. */
export const eventData = {
  reset: resetEvent,
  groups: groupsEvent,
  traffic: trafficEvent,
  health: healthEvent,
} as const;
export type EventKind = keyof typeof eventData;
export type EventData = { readonly [Kind in EventKind]: z.output<(typeof eventData)[Kind]> };
