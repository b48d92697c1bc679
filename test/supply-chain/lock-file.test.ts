import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { BUNDLED, isPassedOn, LOCK_FILE, readLockFile } from './lock-file.ts';

/** Each lets anyone use, change and pass on the work without opening their own. */
const ALLOWED_LICENCES: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MIT-0',
]);

/**
 * Packages of the image that want to run a script when they are installed, and need none: they bring binaries for the
 * platforms of the image with them, and the script would only build one for others.
 */
const NEED_NO_SCRIPT: readonly string[] = ['classic-level'];

const root = new URL('../../', import.meta.url);
const packages = readLockFile(LOCK_FILE);
const runtime = packages.filter(({ isForDevelopment }) => !isForDevelopment);
const passedOn = packages.filter(isPassedOn);

function manifestOf(path: string): Readonly<Record<string, unknown>> | null {
  const file = new URL(`${path}/package.json`, root);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : null;
}

describe('given the lock file', () => {
  test('when a package is installed by it, then its contents are checked by a strong hash', () => {
    expect(packages.length).toBeGreaterThan(100);
    expect(packages.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual(
      [],
    );
  });

  test('when a package has a source of its own, then that is a registry over TLS, no repository and no folder', () => {
    const odd = packages.filter(
      ({ resolved }) => resolved !== undefined && !/^https:\/\/\S+\.tgz$/.test(resolved),
    );
    expect(odd).toEqual([]);
  });

  test('when the project asks for a package, then for one exact version, which is the locked one', () => {
    const manifest = manifestOf('.') ?? {};
    const asked = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'].flatMap((kind) =>
      Object.entries((manifest[kind] ?? {}) as Readonly<Record<string, string>>),
    );
    for (const [name, version] of asked) {
      expect(version, name).toMatch(/^\d+\.\d+\.\d+$/);
      expect(packages.filter((each) => each.name === name).map((each) => each.version)).toContain(version);
    }
  });
});

describe('given what the image holds', () => {
  test('when a package comes with an install script, then it is known and works without', () => {
    const scripted = runtime.filter(({ hasInstallScript }) => hasInstallScript);
    expect(scripted.map(({ name }) => name)).toEqual(NEED_NO_SCRIPT);
    for (const { path } of scripted) {
      const binaries = readdirSync(new URL(`${path}/prebuilds`, root));
      expect(binaries).toEqual(expect.arrayContaining(['linux-arm64', 'linux-x64']));
    }
  });

  test('when a package is passed on, then its licence allows that', () => {
    expect(passedOn.map(({ name }) => name)).toEqual(expect.arrayContaining([...BUNDLED]));
    const odd = passedOn.filter(({ license }) => !ALLOWED_LICENCES.has(license));
    expect(odd.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
  });

  test('when a package is installed here, then it says the same of its licence and its scripts as the lock file', () => {
    const installed = passedOn.flatMap((each) => {
      const manifest = manifestOf(each.path);
      return manifest === null ? [] : [{ ...each, manifest }];
    });
    expect(installed.length).toBeGreaterThan(50);
    for (const { name, version, license, hasInstallScript, manifest } of installed) {
      expect({ name: manifest['name'], version: manifest['version'], license: manifest['license'] }).toEqual({
        name,
        version,
        license,
      });
      const scripts = Object.keys(manifest['scripts'] ?? {});
      const installs = scripts.filter((script) => /^(?:pre|post)?install$/.test(script));
      expect({ name, runs: installs.length > 0 }).toEqual({ name, runs: hasInstallScript });
    }
  });
});
