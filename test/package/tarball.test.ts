import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../stack/command.ts';
import { makeCleanCopy } from '../support/clean-copy.ts';

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

describe('given the package that npm pack makes of a clean copy', () => {
  let copy: Awaited<ReturnType<typeof makeCleanCopy>>;
  let home: string;
  let installed: string;

  beforeAll(async () => {
    copy = await makeCleanCopy();
    // To build it. The package must not need it, so it is installed in a folder of its own.
    await symlink(MODULES, join(copy.path, 'node_modules'));
    // Of a source that is there no more, built before it went.
    await mkdir(join(copy.path, 'dist'));
    await writeFile(join(copy.path, 'dist/removed.js'), '');
    home = join(copy.path, 'elsewhere');
    await mkdir(home);
    await runCommand('npm', ['pack', '--silent', '--pack-destination', home], { cwd: copy.path });
    const [tarball = ''] = await readdir(home);
    await runCommand('npm', ['init', '--yes'], { cwd: home });
    // A package that wants a newer Node than this one promises is an error, also one that only another one brings along.
    const strict = ['install', '--engine-strict', '--no-audit', '--no-fund'];
    await runCommand('npm', [...strict, join(home, tarball)], { cwd: home });
    installed = join(home, 'node_modules/burrow-rainbow');
  });
  afterAll(() => copy.remove());

  function npx(...args: readonly string[]): Promise<string> {
    return runCommand('npx', ['--no-install', 'burrow-rainbow', ...args], {
      cwd: home,
      env: { RAINBOW_HTTP_HOST: '127.0.0.1', RAINBOW_HTTP_PORT: '0' },
      timeoutMs: 60_000,
    });
  }

  test('when it is listed, then it holds what runs and what explains it, and no source', async () => {
    expect((await readdir(installed)).filter((name) => name !== 'node_modules').sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'examples',
      'package.json',
    ]);
    expect(await readdir(join(installed, 'dist'))).not.toContain('removed.js');
    expect((await readdir(join(installed, 'dist/dashboard'))).some((name) => name.endsWith('.html'))).toBe(
      true,
    );
  });

  test('when npx asks it for help, then it answers', async () => {
    expect(await npx('--help')).toContain('Usage: burrow-rainbow');
  });

  test('when npx starts the demo, then it sends records and ends by itself', async () => {
    expect(await npx('demo', '--for', '4s', '--speed', '30')).toMatch(/totalLag \d+ \d{10} source=/);
  });
});
