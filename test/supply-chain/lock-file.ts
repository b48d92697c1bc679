import { readFileSync } from 'node:fs';

/** One package of the lock file. */
export interface LockedPackage {
  /** Folder under the root, such as `node_modules/fastify`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  /** As the package itself says, an SPDX expression; blank where it says none. */
  readonly license: string;
  readonly resolved: string | undefined;
  readonly integrity: string | undefined;
  readonly hasInstallScript: boolean;
  /** True for what only development needs: it is not in the image. */
  readonly isForDevelopment: boolean;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
}

/** Everything that `npm ci` installs, the project itself left out. */
export function readLockFile(path: string | URL): readonly LockedPackage[] {
  const { packages } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };
  return Object.entries(packages)
    .filter(([folder]) => folder !== '')
    .map(([folder, entry]) => ({
      path: folder,
      name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length),
      version: entry.version ?? '',
      license: entry.license ?? '',
      resolved: entry.resolved,
      integrity: entry.integrity,
      hasInstallScript: entry.hasInstallScript ?? false,
      isForDevelopment: entry.dev ?? false,
    }));
}

/**
 * Packages that only the build needs to have, yet whose code is passed on: it is in the dashboard's script. The page
 * serves their licences beside it, as `/licences.txt`.
 */
export const BUNDLED: ReadonlySet<string> = new Set([
  '@preact/signals',
  '@preact/signals-core',
  'eventsource-parser',
  'preact',
  'uplot',
]);

/** True for what others get from us, in the image or in the dashboard's script. */
export function isPassedOn({ name, isForDevelopment }: LockedPackage): boolean {
  return !isForDevelopment || BUNDLED.has(name);
}

/** This project's own. */
export const LOCK_FILE = new URL('../../package-lock.json', import.meta.url);
