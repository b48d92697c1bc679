import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLevelStore } from '../../src/store/level-store.ts';
import { createStoreOpener } from '../../src/store/store-opener.ts';
import type { Store } from '../../src/store/store.ts';
import { skipsAsRoot } from '../support/as-root.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainbow-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function open(path: string): Promise<Store> {
  const store = await openLevelStore(path);
  onTestFinished(() => store.close());
  return store;
}

const put = (key: string, value: string) => ({ key, value: Buffer.from(value) });

async function all(store: Store, prefix: string): Promise<[string, string][]> {
  const found: [string, string][] = [];
  for await (const [key, value] of store.entries(prefix)) found.push([key, value.toString()]);
  return found;
}

describe('given a store', () => {
  test('when it is closed and opened anew, then it holds what was written and not removed', async () => {
    const path = join(await newFolder(), 'spool');
    const first = await open(path);
    await first.write([put('a/2', 'two'), put('a/1', 'one'), put('b/1', 'other')], { durable: true });
    await first.write([{ key: 'a/2', value: null }, put('a/3', 'three')], { durable: false });
    await first.close();
    const second = await open(path);
    expect(await all(second, 'a/')).toEqual([
      ['a/1', 'one'],
      ['a/3', 'three'],
    ]);
    expect((await second.get('b/1'))?.toString()).toBe('other');
    expect(await second.get('a/2')).toBeUndefined();
    expect(await second.freeBytes()).toBeGreaterThan(0);
  });

  test('when a second one is opened at its path, then that is refused as locked', async () => {
    const path = join(await newFolder(), 'spool');
    await open(path);
    await expect(openLevelStore(path)).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      kind: 'locked',
      message: `${path}: another process uses it: give each its own`,
    });
  });
});

describe('given a path that cannot hold a store', () => {
  test('when the folder above it is missing, then it says so and creates none', async () => {
    const folder = await newFolder();
    await expect(openLevelStore(join(folder, 'no', 'spool'))).rejects.toMatchObject({ kind: 'noFolder' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('when it is a file, then it says so', async () => {
    const path = join(await newFolder(), 'file');
    await writeFile(path, 'not a folder');
    await expect(openLevelStore(path)).rejects.toMatchObject({ kind: 'noFolder' });
  });

  test.skipIf(skipsAsRoot('a store that may not be written'))(
    'when it may not be written, then it says so',
    async () => {
      const folder = await newFolder();
      await chmod(folder, 0o500);
      await expect(openLevelStore(join(folder, 'spool'))).rejects.toMatchObject({ kind: 'denied' });
    },
  );
});

describe('given a damaged store', () => {
  async function damaged(): Promise<string> {
    const path = join(await newFolder(), 'spool');
    const store = await openLevelStore(path);
    await store.write([put('a', 'precious')], { durable: true });
    await store.close();
    const manifest = (await readdir(path)).find((name) => name.startsWith('MANIFEST'));
    await writeFile(join(path, manifest ?? ''), Buffer.alloc(200, 7));
    return path;
  }

  test('when it is opened, then it is refused as corrupt', async () => {
    await expect(openLevelStore(await damaged())).rejects.toMatchObject({ kind: 'corrupt' });
  });

  test('when it may be set aside, then it is kept under a telling name and a new one begun', async () => {
    const path = await damaged();
    const { store, setAsideAs } = await createStoreOpener(openLevelStore, path).open(
      Date.UTC(2026, 10, 21, 12, 30),
    );
    onTestFinished(() => store.close());
    expect(setAsideAs).toBe(`${path}.corrupt-2026-11-21T12-30-00.000Z`);
    expect((await stat(setAsideAs ?? '')).isDirectory()).toBe(true);
    expect((await readFile(join(setAsideAs ?? '', 'CURRENT'))).length).toBeGreaterThan(0);
    expect(await all(store, '')).toEqual([]);
  });
});
