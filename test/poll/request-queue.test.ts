import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createRequestQueue, type RequestQueue, type Urgency } from '../../src/poll/request-queue.ts';

/** Requests that stay in flight until the test answers them. */
function createRequests(queue: RequestQueue) {
  const sent: string[] = [];
  const answers = new Map<string, () => void>();
  const signals = new Map<string, AbortSignal>();
  return {
    sent,
    signals,
    enqueue(name: string, urgency: Urgency, signal = new AbortController().signal) {
      return queue.enqueue(
        (requestSignal) =>
          new Promise<{ kind: 'done'; name: string }>((resolve) => {
            sent.push(name);
            signals.set(name, requestSignal);
            answers.set(name, () => resolve({ kind: 'done', name }));
          }),
        urgency,
        signal,
      );
    },
    async answer(name: string) {
      answers.get(name)!();
      answers.delete(name);
      await settle();
    },
    isInFlight: (name: string) => answers.has(name),
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('given a queue for two requests in flight', () => {
  test('when five are asked for, then two are sent and the others follow one by one', async () => {
    const queue = createRequestQueue({ concurrency: 2 });
    const requests = createRequests(queue);
    for (const name of ['a', 'b', 'c', 'd', 'e']) requests.enqueue(name, 'regular');
    expect(requests.sent).toEqual(['a', 'b']);
    await requests.answer('b');
    expect(requests.sent).toEqual(['a', 'b', 'c']);
  });
});

describe('given a queue for one request in flight that is busy', () => {
  function createBusy() {
    const queue = createRequestQueue({ concurrency: 1 });
    const requests = createRequests(queue);
    requests.enqueue('busy', 'regular');
    return { queue, requests };
  }

  test('when requests of every urgency wait, then discovery and wakes go first, with a regular poll after each', async () => {
    const { requests } = createBusy();
    requests.enqueue('poll 1', 'regular');
    requests.enqueue('wake', 'wake');
    requests.enqueue('poll 2', 'regular');
    requests.enqueue('discovery', 'discovery');
    for (const name of ['busy', 'discovery', 'poll 1', 'wake', 'poll 2']) await requests.answer(name);
    expect(requests.sent).toEqual(['busy', 'discovery', 'poll 1', 'wake', 'poll 2']);
  });

  test('when discovery and wakes wait and no regular poll does, then they go one after another, discovery first', async () => {
    const { requests } = createBusy();
    requests.enqueue('wake 1', 'wake');
    requests.enqueue('wake 2', 'wake');
    requests.enqueue('list 1', 'discovery');
    requests.enqueue('list 2', 'discovery');
    for (const name of ['busy', 'list 1', 'list 2', 'wake 1', 'wake 2']) await requests.answer(name);
    expect(requests.sent).toEqual(['busy', 'list 1', 'list 2', 'wake 1', 'wake 2']);
  });

  test('when a waiting request hurries, then it overtakes, and is sent once', async () => {
    const { requests } = createBusy();
    requests.enqueue('poll 1', 'regular');
    const second = requests.enqueue('poll 2', 'regular');
    expect(second.sent()).toBe(false);
    second.hurry();
    second.hurry();
    await requests.answer('busy');
    expect(requests.sent).toEqual(['busy', 'poll 2']);
    expect(second.sent()).toBe(true);
    second.hurry();
    await requests.answer('poll 2');
    await requests.answer('poll 1');
    expect(requests.sent).toEqual(['busy', 'poll 2', 'poll 1']);
  });

  test('when a request hurries behind many wakes, then it keeps its own turn all the same', async () => {
    const { requests } = createBusy();
    for (const name of ['wake 1', 'wake 2', 'wake 3']) requests.enqueue(name, 'wake');
    requests.enqueue('poll 1', 'regular').hurry();
    for (const name of ['busy', 'wake 1', 'poll 1', 'wake 2', 'wake 3']) await requests.answer(name);
    expect(requests.sent).toEqual(['busy', 'wake 1', 'poll 1', 'wake 2', 'wake 3']);
  });

  test('when a waiting request is cancelled, then it settles at once and is never sent', async () => {
    const { requests } = createBusy();
    const controller = new AbortController();
    const cancelled = requests.enqueue('cancelled', 'regular', controller.signal);
    requests.enqueue('next', 'regular');
    controller.abort();
    cancelled.cancel();
    expect(await cancelled.settled).toEqual({ kind: 'cancelled' });
    cancelled.hurry();
    await requests.answer('busy');
    expect(requests.sent).toEqual(['busy', 'next']);
  });

  test('when the request in flight is cancelled, then its signal aborts and its answer is not given', async () => {
    const queue = createRequestQueue({ concurrency: 1 });
    const requests = createRequests(queue);
    const controller = new AbortController();
    const request = requests.enqueue('a', 'regular', controller.signal);
    requests.enqueue('b', 'regular');
    controller.abort();
    expect(requests.signals.get('a')!.aborted).toBe(true);
    expect(requests.sent).toEqual(['a']);
    await requests.answer('a');
    expect(await request.settled).toEqual({ kind: 'cancelled' });
    expect(requests.sent).toEqual(['a', 'b']);
  });

  test('when it stops, then all is cancelled, and stop waits for what is in flight', async () => {
    const { queue, requests } = createBusy();
    const waiting = requests.enqueue('waiting', 'regular');
    let stopped = false;
    const stop = queue.stop().then(() => (stopped = true));
    expect(await waiting.settled).toEqual({ kind: 'cancelled' });
    expect(requests.signals.get('busy')!.aborted).toBe(true);
    await settle();
    expect(stopped).toBe(false);
    await requests.answer('busy');
    await stop;
    expect(requests.sent).toEqual(['busy']);
    expect(await requests.enqueue('late', 'discovery').settled).toEqual({ kind: 'cancelled' });
  });
});

describe('given a queue for four requests in flight, and wakes that hang', () => {
  test('when many wait, then two places are left for all else', async () => {
    const queue = createRequestQueue({ concurrency: 4 });
    const requests = createRequests(queue);
    for (const name of ['wake 1', 'wake 2', 'wake 3']) requests.enqueue(name, 'wake');
    expect(requests.sent).toEqual(['wake 1', 'wake 2']);
    for (const name of ['poll 1', 'list 1', 'poll 2']) {
      requests.enqueue(name, name.startsWith('poll') ? 'regular' : 'discovery');
    }
    await requests.answer('poll 1');
    expect(requests.sent).toEqual(['wake 1', 'wake 2', 'poll 1', 'list 1', 'poll 2']);
    await requests.answer('wake 1');
    expect(requests.sent.at(-1)).toBe('wake 3');
  });
});

describe('given any flood of wakes and lists', () => {
  test('when regular polls wait, then every second request at least is one of theirs, and all are sent that are not cancelled before', async () => {
    const urgency = fc.constantFrom<Urgency>('regular', 'wake', 'wake', 'wake', 'discovery');
    const step = fc.oneof(
      fc.record({ ask: urgency }),
      fc.record({ answer: fc.nat() }),
      fc.record({ hurry: fc.nat() }),
      fc.record({ cancel: fc.nat() }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(step, { maxLength: 60 }),
        async (concurrency, steps) => {
          const queue = createRequestQueue({ concurrency });
          const requests = createRequests(queue);
          const asked: { name: string; request: ReturnType<typeof requests.enqueue> }[] = [];
          const pending = (): string[] => requests.sent.filter((name) => requests.isInFlight(name));
          /** Those that were cancelled before they were sent. */
          const cancelled = new Set<string>();
          /** Turns that went to others in a row while a regular poll waited. */
          let passedOver = 0;
          let told = 0;
          const judge = (): void => {
            for (; told < requests.sent.length; told += 1) {
              const isRegular = requests.sent[told]!.startsWith('regular');
              const waits = asked.some(
                ({ name }) =>
                  name.startsWith('regular') &&
                  !cancelled.has(name) &&
                  !requests.sent.slice(0, told + 1).includes(name),
              );
              passedOver = isRegular || !waits ? 0 : passedOver + 1;
              expect(passedOver).toBeLessThanOrEqual(1);
            }
            expect(pending().filter((name) => name.startsWith('wake')).length).toBeLessThanOrEqual(
              Math.max(1, Math.floor(concurrency / 2)),
            );
          };
          for (const each of steps) {
            if ('ask' in each) {
              const name = `${each.ask} ${asked.length}`;
              asked.push({ name, request: requests.enqueue(name, each.ask) });
            } else if ('answer' in each) {
              const names = pending();
              if (names.length > 0) await requests.answer(names[each.answer % names.length]!);
            } else if ('cancel' in each) {
              const { name, request } = asked[each.cancel % asked.length] ?? {};
              if (name !== undefined && !requests.sent.includes(name)) cancelled.add(name);
              request?.cancel();
            } else asked[each.hurry % asked.length]?.request.hurry();
            judge();
          }
          for (let names = pending(); names.length > 0; names = pending()) {
            await requests.answer(names[0]!);
            judge();
          }
          const names = asked.map(({ name }) => name).filter((name) => !cancelled.has(name));
          expect([...requests.sent].sort()).toEqual(names.sort());
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('given a request whose sending fails by a programming error', () => {
  test('when it settles, then the error comes through and the queue goes on', async () => {
    const queue = createRequestQueue({ concurrency: 1 });
    const requests = createRequests(queue);
    const broken = queue.enqueue(
      () => Promise.reject(new Error('a bug')),
      'regular',
      new AbortController().signal,
    );
    await expect(broken.settled).rejects.toThrow('a bug');
    requests.enqueue('next', 'regular');
    await settle();
    expect(requests.sent).toEqual(['next']);
  });
});
