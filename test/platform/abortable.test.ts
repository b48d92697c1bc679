import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { within } from '../../src/platform/abortable.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Work that ends only when its signal aborts. */
function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

describe('given work that must end within a time', () => {
  test('when it hangs, then it is aborted, although garbage was collected meanwhile', async () => {
    const ended = within(200, new AbortController().signal, hang);
    // In a later turn: what this one has touched is kept until it ends.
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
    await expect(ended).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('when the signal aborts first, then its reason ends it', async () => {
    const stopping = new AbortController();
    const ended = within(60_000, stopping.signal, hang);
    stopping.abort(new Error('stopped'));
    await expect(ended).rejects.toThrow('stopped');
    await expect(
      within(60_000, stopping.signal, (signal) => Promise.reject(signal.reason as Error)),
    ).rejects.toThrow('stopped');
  });

  test('when it is done in time, then its result is given', async () => {
    expect(await within(60_000, new AbortController().signal, () => Promise.resolve(5))).toBe(5);
  });
});
