import type { z } from 'zod';

/** One thing wrong with a request's parameters. */
export interface QueryFault {
  readonly path: string;
  readonly rule: string;
}

/** What a reader who only knows the names wants to hear. Never quotes a value. */
export function queryFaults(error: z.ZodError, known: readonly string[]): QueryFault[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const rule = known.length === 0 ? 'this path takes no parameters' : `is not one of ${known.join(', ')}`;
      return issue.keys.slice(0, 10).map((key) => ({ path: key.slice(0, 100), rule }));
    }
    return [{ path: String(issue.path[0] ?? ''), rule: issue.message }];
  });
}
