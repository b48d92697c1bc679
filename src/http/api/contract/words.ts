import { z } from 'zod';

/** Burrow's words for a status by its number, 0 to 6. */
export const STATUS_WORDS = ['NOTFOUND', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'] as const;

export const statusWord = z.enum([...STATUS_WORDS, 'UNKNOWN']).meta({
  id: 'Status',
  description: "Burrow's word for the status of a group; UNKNOWN where it gave one that we do not know",
});
export type StatusWord = z.output<typeof statusWord>;

/** A moment: milliseconds since the epoch. */
export function epochMs(description: string) {
  return z.int().min(0).describe(`${description}, ms since the epoch`);
}

/** A moment that may not have come yet. */
export function maybeEpochMs(description: string) {
  return z.int().min(0).nullable().describe(`${description}, ms since the epoch; null: not yet`);
}

/** Something counted. */
export function count(description: string) {
  return z.int().min(0).describe(description);
}

/** A measure that is 0 or more. */
export function measure(description: string) {
  return z.number().min(0).describe(description);
}

/** A measure that may not be known. Null is unknown, never 0. */
export function maybeMeasure(description: string) {
  return z.number().min(0).nullable().describe(`${description}; null: unknown`);
}

/** How long until the lag is gone. `isDraining` says why there is no number. */
export const drainSeconds = z
  .number()
  .min(0)
  .nullable()
  .describe(
    'drainSeconds: until the lag is gone at the mean rates of the last four samples, seconds; 0 without lag; null: it does not shrink, or unknown',
  );

export const isDraining = z
  .boolean()
  .nullable()
  .describe(
    'isDraining: true while there is no lag or it shrinks; false while it does not; null: unknown, also where the newest rates say otherwise than the mean',
  );

export const statusSinceMs = epochMs('statusSinceMs: when the group got the status that it has');

export const isSinceExact = z
  .boolean()
  .describe(
    'isSinceExact: false where the group had this status already at its first sample after the start, or after a time without samples: it has had it for at least so long',
  );

/** The condition that a part reports of itself. */
export const condition = z
  .discriminatedUnion('state', [
    z.strictObject({ state: z.literal('ok'), sinceMs: epochMs('Since when') }),
    z.strictObject({
      state: z.literal('faulty'),
      reason: z.string().describe('Cause and remedy; holds no secret'),
      sinceMs: epochMs('Since when'),
    }),
  ])
  .meta({ id: 'Condition', description: 'The condition that a part reports of itself' });

/** Body of every answer that is an error. */
export const refusal = z
  .strictObject({
    error: z.string().describe('The words of the HTTP status'),
    message: z.string().describe('What happened and what to change'),
    faults: z
      .array(
        z.strictObject({
          path: z.string().describe('The parameter'),
          rule: z.string().describe('What must hold there'),
        }),
      )
      .optional()
      .describe('Each thing that is wrong with the parameters'),
  })
  .meta({ id: 'Refusal', description: 'Body of every answer that is an error' });

/** Where the OpenAPI document has a schema, by its id. */
export function refTo(schema: z.ZodType): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${schema.meta()?.id ?? ''}` };
}
