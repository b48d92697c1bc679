import { createRequire } from 'node:module';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { cureIdleTimer } from '../../../src/sinks/kafka/idle-timer-cure.ts';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  destroy(): void;
}

const quiet = { debug: () => undefined, warn: () => undefined };

function requestQueue(): RequestQueue {
  const require = createRequire(import.meta.url);
  const Queue = require('kafkajs/src/network/requestQueue/index.js') as new (options: object) => RequestQueue;
  const queue = new Queue({ clientId: 'test', broker: 'a:1', logger: quiet, requestTimeout: 1000 });
  onTestFinished(() => queue.destroy());
  return queue;
}

describe('given the kafkajs that is installed', () => {
  test('when the cure is applied, then it finds the version that it was made for', () => {
    expect(cureIdleTimer()).toBe(true);
    expect(cureIdleTimer()).toBe(true);
  });

  test('when nothing is pending, then no timer is armed, however often the queue is checked', () => {
    cureIdleTimer();
    const queue = requestQueue();
    const timers = vi.spyOn(globalThis, 'setTimeout');
    onTestFinished(() => timers.mockRestore());
    for (let times = 0; times < 10; times += 1) queue.checkPendingRequests();
    expect(timers).not.toHaveBeenCalled();
  });

  test('when a request waits because the broker throttles, then one timer is armed, for when that ends', () => {
    cureIdleTimer();
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
});
