import { z } from 'zod';
import { count, epochMs } from './words.ts';

export const machineRegion = z
  .strictObject({
    id: z.string(),
    initial: z.string(),
    states: z.array(z.strictObject({ id: z.string(), twins: count('Twin machines that stand there now') })),
    transitions: z.array(
      z.strictObject({
        from: z.string(),
        event: z.string(),
        to: z.string().describe('May be the state that it comes from'),
        guard: z
          .string()
          .nullable()
          .describe('Taken while this holds; null: taken where no transition before it is'),
        actions: z.array(z.string()).describe('What it does, in this order'),
      }),
    ),
  })
  .meta({ id: 'MachineRegion', description: 'One of the two regions' });
export type MachineRegion = z.output<typeof machineRegion>;

export const machine = z
  .strictObject({
    id: z.string(),
    events: z.array(z.string()).describe('What can happen to a series'),
    regions: z.array(machineRegion).describe('span and cadence, as they are declared'),
    states: z
      .array(
        z.strictObject({
          span: z.string(),
          cadence: z.string(),
          twins: count('Twin machines that stand there now'),
        }),
      )
      .describe('Every state of both regions together that can be reached'),
    twins: count(
      'All twin machines of groups and topics. A partition of a group has two: one for its lag (which offsets and lagSeconds ride with), one for its rate',
    ),
    countedAtMs: epochMs('When they were counted, at most some seconds ago'),
  })
  .meta({
    id: 'Machine',
    description: 'The twin machine as it is declared, with the live count of series in each state',
  });
export type Machine = z.output<typeof machine>;
