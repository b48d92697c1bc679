import type { Logger } from 'pino';

import type { CountException } from '../telemetry/exceptions.ts';
import type { BurrowRequest } from './burrow-server.ts';
import type { PollResult, PollTask } from './poll-task.ts';
import type { Urgency } from './request-queue.ts';

/** Deals with one good answer; `takenAtMs` is when it arrived, milliseconds since the epoch. */
export type TakeAnswer<T> = (answer: T, takenAtMs: number) => PollResult;

/**
 * The request part of a handler: asks, counts what goes wrong, and keeps hold of the request under way. Every failure
 * is one debug line here; the server's own warning speaks for all of them.
 */
export function createPollRequest<T extends { readonly unsafeIntegers: number }>(
  deps: {
    readonly request: (urgency: Urgency, signal: AbortSignal) => BurrowRequest<T>;
    readonly count: CountException;
    readonly log: Logger;
  },
  options: { readonly cluster: string; readonly key: string },
  take: TakeAnswer<T>,
): Pick<PollTask, 'poll' | 'sent' | 'hurry'> {
  const { count, log } = deps;
  const { cluster, key } = options;
  let request: BurrowRequest<T> | null = null;

  async function poll(urgency: Urgency, signal: AbortSignal): Promise<PollResult> {
    request = deps.request(urgency, signal);
    const answer = await request.settled;
    request = null;
    if (answer.kind === 'cancelled') return answer;
    const { outcome, answeredAtMs } = answer;
    switch (outcome.kind) {
      case 'ok':
        if (outcome.value.unsafeIntegers > 0) count(cluster, 'unsafeInteger', outcome.value.unsafeIntegers);
        return take(outcome.value, answeredAtMs);
      case 'notFound':
        log.debug({ key }, 'unknown to Burrow');
        return outcome;
      case 'unreachable':
        count(cluster, 'burrowUnreachable', 1);
        break;
      case 'invalid':
        count(cluster, 'burrowInvalid', 1);
        break;
    }
    log.debug({ key, outcome: outcome.kind, reason: outcome.reason }, 'poll failed');
    return { kind: 'failed' };
  }

  return {
    poll,
    sent: () => request?.sent() ?? false,
    hurry: () => request?.hurry(),
  };
}
