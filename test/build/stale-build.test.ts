import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isBuildStale } from './stale-build.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rainbow-build-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A file of that second; the folder above is as old. */
function write(path: string, atSeconds: number): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, atSeconds, atSeconds);
  utimesSync(dirname(file), atSeconds, atSeconds);
}

describe('given sources and what was built from them', () => {
  beforeEach(() => {
    for (const path of ['package.json', 'package-lock.json', 'tsconfig.json']) write(path, 100);
    write('src/top/top.ts', 100);
    write('src/cli.ts', 100);
    write('dist/cli.js', 200);
    write('dist/dashboard/index.html', 200);
  });

  test('when nothing has changed since, then it is current', () => {
    expect(isBuildStale(root)).toBe(false);
  });

  test.each(['src/top/top.ts', 'src/dashboard/new.css', 'package-lock.json', 'tsconfig.json'])(
    'when %s is newer, then it is stale',
    (path) => {
      write(path, 300);
      expect(isBuildStale(root)).toBe(true);
    },
  );

  test('when a source was removed, then it is stale', () => {
    rmSync(join(root, 'src/top/top.ts'));
    expect(isBuildStale(root)).toBe(true);
  });

  test.each(['dist/cli.js', 'dist/dashboard/index.html'])(
    'when %s is missing or older, as after a build that failed, then it is stale',
    (path) => {
      write(path, 50);
      expect(isBuildStale(root)).toBe(true);
      rmSync(join(root, path));
      expect(isBuildStale(root)).toBe(true);
    },
  );
});
