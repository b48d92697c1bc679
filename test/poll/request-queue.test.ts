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
      await settle();
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('given a queue for two requests in flight', () => {
  test('when five are asked for, then two are sent and the others follow one by one', async () => {
    const queue = createRequestQueue({ concurrency: 2 });
    const requests = createRequests(queue);
    for (const name of ['a', 'b', 'c', 'd', 'e']) requests.enqueue(name, 'regular');
    expect(requests.sent).toEqual(['a', 'b']);
    expect(queue.load()).toEqual({ waiting: 3, inFlight: 2 });
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

  test('when requests of every urgency wait, then discovery goes first, then wakes, then the rest in order', async () => {
    const { requests } = createBusy();
    requests.enqueue('poll 1', 'regular');
    requests.enqueue('wake', 'wake');
    requests.enqueue('poll 2', 'regular');
    requests.enqueue('discovery', 'discovery');
    for (const name of ['busy', 'discovery', 'wake', 'poll 1', 'poll 2']) await requests.answer(name);
    expect(requests.sent).toEqual(['busy', 'discovery', 'wake', 'poll 1', 'poll 2']);
  });

  test('when a waiting request is raised, then it overtakes', async () => {
    const { requests } = createBusy();
    requests.enqueue('poll 1', 'regular');
    const second = requests.enqueue('poll 2', 'regular');
    expect(second.sent()).toBe(false);
    second.raise('wake');
    await requests.answer('busy');
    expect(requests.sent).toEqual(['busy', 'poll 2']);
    expect(second.sent()).toBe(true);
    second.raise('wake');
  });

  test('when a waiting request is cancelled, then it settles at once and is never sent', async () => {
    const { queue, requests } = createBusy();
    const controller = new AbortController();
    const cancelled = requests.enqueue('cancelled', 'regular', controller.signal);
    requests.enqueue('next', 'regular');
    controller.abort();
    cancelled.cancel();
    expect(await cancelled.settled).toEqual({ kind: 'cancelled' });
    expect(queue.load()).toEqual({ waiting: 1, inFlight: 1 });
    cancelled.raise('wake');
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
    expect(queue.load()).toEqual({ waiting: 0, inFlight: 0 });
    expect(await requests.enqueue('late', 'discovery').settled).toEqual({ kind: 'cancelled' });
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
