import { describe, expect, test } from 'vitest';
import { retry, retryDelayMs } from '../../src/platform/retry.ts';

const delays = { initialMs: 100, maxMs: 400, jitter: 0 };

/** Time passes at once; each delay is noted. */
function instant() {
  const waited: number[] = [];
  const scheduler = {
    after(delayMs: number, run: () => void) {
      waited.push(delayMs);
      queueMicrotask(run);
      return () => undefined;
    },
  };
  return { waited, deps: { scheduler, random: () => 0 } };
}

describe('given an attempt that fails at first', () => {
  test('when it succeeds, then its result is returned, and the delays have doubled up to the longest', async () => {
    const { waited, deps } = instant();
    const failures: number[] = [];
    let attempts = 0;
    const result = await retry(
      deps,
      delays,
      new AbortController().signal,
      () => (++attempts < 6 ? Promise.reject(new Error('not yet')) : Promise.resolve('done')),
      (_error, inARow) => void failures.push(inARow),
    );
    expect(result).toBe('done');
    expect(failures).toEqual([1, 2, 3, 4, 5]);
    expect(waited).toEqual([100, 200, 400, 400, 400]);
  });

  test('when it gets on in between, then failures count from the beginning again', async () => {
    const { waited, deps } = instant();
    let attempts = 0;
    await retry(
      deps,
      delays,
      new AbortController().signal,
      (progressed) => {
        attempts += 1;
        if (attempts === 3) progressed();
        return attempts < 5 ? Promise.reject(new Error('not yet')) : Promise.resolve();
      },
      () => undefined,
    );
    expect(waited).toEqual([100, 200, 100, 200]);
  });

  test('when the delays are a function, then they are as it says; when the listener throws, then that is the end', async () => {
    const { waited, deps } = instant();
    const hopeless = new Error('hopeless');
    const never = (): Promise<never> => Promise.reject(new Error('not yet'));
    const delayOf = (_error: unknown, failures: number): number => failures * 7;
    const attempted = retry(deps, delayOf, new AbortController().signal, never, (_error, failures) => {
      if (failures === 3) throw hopeless;
    });
    await expect(attempted).rejects.toBe(hopeless);
    expect(waited).toEqual([7, 14]);
  });
});

describe('given a signal', () => {
  test('when it aborts during an attempt, then the failure of that is told to nobody', async () => {
    const life = new AbortController();
    const told: unknown[] = [];
    const attempt = (): Promise<never> => {
      life.abort(new Error('stopped'));
      return Promise.reject(new Error('not yet'));
    };
    const attempted = retry(instant().deps, delays, life.signal, attempt, (error) => void told.push(error));
    await expect(attempted).rejects.toThrow('stopped');
    expect(told).toEqual([]);
  });

  test('when it aborts during a delay, then the wait is over', async () => {
    const life = new AbortController();
    let isCancelled = false;
    const scheduler = { after: () => () => void (isCancelled = true) };
    const never = (): Promise<never> => Promise.reject(new Error('not yet'));
    const attempted = retry({ scheduler, random: () => 0 }, delays, life.signal, never, () => {
      queueMicrotask(() => life.abort(new Error('stopped')));
    });
    await expect(attempted).rejects.toThrow('stopped');
    expect(isCancelled).toBe(true);
  });

  test('when it has aborted before, then nothing is attempted', async () => {
    const attempted = retry(
      instant().deps,
      delays,
      AbortSignal.abort(new Error('stopped')),
      () => Promise.resolve('done'),
      () => undefined,
    );
    await expect(attempted).rejects.toThrow('stopped');
  });
});

test('when many retry, then a share of their delays is random', () => {
  const jittered = { initialMs: 100, maxMs: 400, jitter: 0.5 };
  expect([0, 0.5, 1].map((random) => retryDelayMs(2, jittered, random))).toEqual([100, 150, 200]);
});
