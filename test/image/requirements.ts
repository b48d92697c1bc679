import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { aptGet } from '../stack/apt.ts';

/** Debian's packages for building and running an image without a Docker engine. */
const PACKAGES: Readonly<Record<string, string>> = {
  buildah: 'buildah',
  podman: 'podman',
  runc: 'runc',
  mmdebstrap: 'mmdebstrap',
};

/** For the Kafka that the Burrow in the image watches. */
const SERVERS = ['java', 'mvn'];

/**
 * Says in one sentence why the image cannot be built and run here, or nothing when it can. Debian's packages are
 * installed first where they are missing and this process may install them.
 */
export async function whatIsMissing(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'building the image takes Linux';
  if (process.getuid?.() !== 0) return 'building the image without a Docker engine takes root';
  const servers = await absent(SERVERS);
  if (servers.length > 0) return `not installed: ${servers.join(', ')}`;
  const tools = await absent(Object.keys(PACKAGES));
  if (tools.length === 0) return undefined;
  const packages = tools.map((tool) => PACKAGES[tool] ?? tool);
  if ((await absent(['apt-get'])).length > 0) return `not installed: ${packages.join(', ')}`;
  try {
    await aptGet(['update', '--quiet']);
    await aptGet(['install', '--yes', '--quiet', '--no-install-recommends', ...packages], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    return undefined;
  } catch (error) {
    return `installing ${packages.join(', ')} failed: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function absent(commands: readonly string[]): Promise<readonly string[]> {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const found = await Promise.all(
    commands.map(async (command) => {
      const tries = directories.map((directory) => access(join(directory, command)));
      return Promise.any(tries).then(
        () => true,
        () => false,
      );
    }),
  );
  return commands.filter((_, index) => found[index] !== true);
}
