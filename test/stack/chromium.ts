import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { unpackWithDependencies } from './debian-package.ts';

/** A Chromium to drive: what to start, and what its environment needs to have. */
export interface ChromiumRelease {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

const INSTALLED = '/usr/bin/chromium';

/** The Chromium that is installed, or else Debian's: fetched once, unpacked into the cache, not installed. */
export async function findChromium(): Promise<ChromiumRelease> {
  const isInstalled = await access(INSTALLED).then(
    () => true,
    () => false,
  );
  if (isInstalled) return { executable: INSTALLED, env: {} };
  const directory = await cached('chromium-debian', (workspace) =>
    unpackWithDependencies(['chromium', 'fonts-dejavu-core'], workspace),
  );
  const libraries = join(directory, 'usr', 'lib', `${ARCHITECTURES[process.arch] ?? process.arch}-linux-gnu`);
  return {
    executable: join(directory, 'usr', 'lib', 'chromium', 'chromium'),
    env: {
      LD_LIBRARY_PATH: [libraries, join(libraries, 'pulseaudio')].join(':'),
      // Its fonts stand beside those of the machine.
      XDG_DATA_HOME: join(directory, 'usr', 'share'),
    },
  };
}

/** As Debian names them in its folders. */
const ARCHITECTURES: Readonly<Partial<Record<NodeJS.Architecture, string>>> = {
  x64: 'x86_64',
  arm64: 'aarch64',
};
