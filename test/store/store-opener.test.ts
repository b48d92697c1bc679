import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { StoreFault, type OpenStore, type StoreFaultKind } from '../../src/store/store.ts';
import { createStoreOpener } from '../../src/store/store-opener.ts';
import { createMemoryDisk } from './memory-store.ts';

/** A folder with a store in it, which opens only once these faults have been thrown. */
async function stored(...faults: StoreFaultKind[]) {
  const folder = await mkdtemp(join(tmpdir(), 'rainbow-opener-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'store');
  await mkdir(path);
  const disk = createMemoryDisk();
  const open: OpenStore = async (where) => {
    const fault = faults.shift();
    if (fault !== undefined) throw new StoreFault(fault, fault);
    await mkdir(where, { recursive: true });
    return disk.open(where);
  };
  return { opener: createStoreOpener(open, path), names: async () => (await readdir(folder)).sort() };
}

describe('given a damaged store', () => {
  test('when the new one cannot be opened at first, then whoever opens it is told all the same, once', async () => {
    const { opener, names } = await stored('corrupt', 'full', 'full');
    await expect(opener.open(0)).rejects.toMatchObject({ kind: 'full' });
    await expect(opener.open(1000)).rejects.toMatchObject({ kind: 'full' });
    const { setAsideAs } = await opener.open(2000);
    expect(basename(setAsideAs ?? '')).toBe('store.corrupt-1970-01-01T00-00-00.000Z');
    expect((await opener.open(3000)).setAsideAs).toBeNull();
    expect(await names()).toEqual(['store', 'store.corrupt-1970-01-01T00-00-00.000Z']);
  });

  test('when that turns out after it was opened, then the same holds, and no new one is moved aside', async () => {
    const { opener, names } = await stored('full');
    await expect(opener.setAside(0)).rejects.toMatchObject({ kind: 'full' });
    const { setAsideAs } = await opener.setAside(1000);
    expect(basename(setAsideAs ?? '')).toBe('store.corrupt-1970-01-01T00-00-00.000Z');
    expect(await names()).toEqual(['store', 'store.corrupt-1970-01-01T00-00-00.000Z']);
  });
});
