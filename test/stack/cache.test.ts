import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cached, cacheDirectory } from './cache.ts';

describe('given an empty cache', () => {
  let base = '';
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'rainbow-cache-test-'));
    vi.stubEnv('XDG_CACHE_HOME', base);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(base, { recursive: true });
  });

  test('when two builds of the same thing overlap, then both get one complete directory', async () => {
    let building = 0;
    const build = async (directory: string): Promise<void> => {
      building += 1;
      await vi.waitUntil(() => building === 2);
      await writeFile(join(directory, 'server'), 'complete');
    };
    const [one, other] = await Promise.all([cached('thing', build), cached('thing', build)]);
    expect(other).toBe(one);
    await expect(readFile(join(one, 'server'), 'utf8')).resolves.toBe('complete');
    await expect(readdir(cacheDirectory())).resolves.toEqual(['thing']);
  });

  test('when a build fails, then nothing of it stays and the next one starts anew', async () => {
    const fail = async (directory: string): Promise<void> => {
      await writeFile(join(directory, 'half'), '');
      throw new Error('line cut');
    };
    await expect(cached('thing', fail)).rejects.toThrow('line cut');
    await expect(readdir(cacheDirectory())).resolves.toEqual([]);
    const directory = await cached('thing', (workspace) => writeFile(join(workspace, 'whole'), ''));
    await expect(readdir(directory)).resolves.toEqual(['whole']);
  });

  test('when it was built before, then it is not built again', async () => {
    const build = vi.fn(() => Promise.resolve());
    const first = await cached('thing', build);
    await expect(cached('thing', build)).resolves.toBe(first);
    expect(build).toHaveBeenCalledTimes(1);
  });
});
