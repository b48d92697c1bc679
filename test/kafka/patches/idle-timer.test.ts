import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadInternal } from '../../../src/kafka/patches/patch.ts';
import { idleTimer } from '../../../src/kafka/patches/idle-timer.ts';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  readonly inflight: Map<number, object>;
  scheduleCheckPendingRequests(): void;
  scheduleRequestTimeoutCheck(): void;
  checkPendingRequests(): void;
  destroy(): void;
}

const quiet = { debug: () => undefined, warn: () => undefined };

function requestQueue(requestTimeout = 1000): RequestQueue {
  const Queue = loadInternal('src/network/requestQueue/index.js') as new (options: object) => RequestQueue;
  const queue = new Queue({
    clientId: 'test',
    broker: 'a:1',
    logger: quiet,
    requestTimeout,
    enforceRequestTimeout: true,
    isConnected: () => true,
  });
  onTestFinished(() => queue.destroy());
  return queue;
}

describe('given the kafkajs that is installed', () => {
  test('when the patch is applied, once or twice, then it finds what it was made for', () => {
    expect([idleTimer.apply(), idleTimer.apply()]).toEqual([null, null]);
  });

  test.each([
    ['a method has other parameters', 'scheduleCheckPendingRequests', (delayMs: number) => delayMs],
    ['a method is missing', 'checkPendingRequests', undefined],
  ])('when %s, then the patch stands aside and changes nothing', (_what, name, value) => {
    const { prototype } = loadInternal('src/network/requestQueue/index.js') as { readonly prototype: object };
    const before = Object.getOwnPropertyDescriptors(prototype);
    onTestFinished(() => void Object.defineProperties(prototype, before));
    const others = { ...before, [name]: { ...before[name as keyof typeof before], value } };
    Object.defineProperties(prototype, others);
    expect(idleTimer.apply()).toMatch(/the methods of RequestQueue/);
    expect(Object.getOwnPropertyDescriptors(prototype)).toEqual(others);
  });

  test('when a queue has other fields, then the patch stands aside and changes nothing', () => {
    const { prototype } = loadInternal('src/network/requestQueue/index.js') as { readonly prototype: object };
    Object.defineProperty(prototype, 'pending', {
      configurable: true,
      get: () => new Map(),
      set: () => undefined,
    });
    onTestFinished(() => void Reflect.deleteProperty(prototype, 'pending'));
    const before = Object.getOwnPropertyDescriptors(prototype);
    expect(idleTimer.apply()).toMatch(/the fields of RequestQueue/);
    expect(Object.getOwnPropertyDescriptors(prototype)).toEqual(before);
  });

  test('when nothing is pending, then no timer is armed, however often the queue is checked', () => {
    idleTimer.apply();
    const queue = requestQueue();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    for (let times = 0; times < 10; times += 1) queue.checkPendingRequests();
    expect(timers).not.toHaveBeenCalled();
  });

  test('when a request waits because the broker throttles, then one timer is armed, for when that ends', () => {
    idleTimer.apply();
    const queue = requestQueue();
    queue.throttledUntil = Date.now() + 60_000;
    queue.pending.push({});
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    queue.checkPendingRequests();
    queue.scheduleCheckPendingRequests();
    expect(timers).toHaveBeenCalledOnce();
    expect(timers.mock.calls[0]?.[1]).toBeGreaterThan(50_000);
  });

  test('when requests are in flight, then those that have outlived their time are given up, and no others', () => {
    idleTimer.apply();
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const queue = requestQueue(5000);
    const givenUp: string[] = [];
    const request = (name: string, requestTimeout: number) => ({
      sentAt: Date.now(),
      requestTimeout,
      timeoutRequest: () => givenUp.push(name),
    });
    queue.scheduleRequestTimeoutCheck();
    queue.inflight.set(1, request('short', 5000)).set(2, request('long', 9000));
    vi.advanceTimersByTime(5000);
    expect(givenUp).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(givenUp).toEqual(['short']);
  });

  test('when nothing is in flight, then a connection is looked at once a second at most', () => {
    idleTimer.apply();
    const timers = vi.spyOn(globalThis, 'setInterval');
    onTestFinished(() => timers.mockRestore());
    requestQueue(30_000).scheduleRequestTimeoutCheck();
    expect(timers).toHaveBeenCalledExactlyOnceWith(expect.anything(), 1000);
  });
});
