import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { aptGet } from './apt.ts';
import { runCommand } from './command.ts';

/**
 * Fetches one of Debian's packages and unpacks it into `directory`, installing nothing. Resolves with the name of its
 * archive, which says the version: `burrow_1.2.1-2+b14_amd64.deb`.
 */
export async function unpackDebianPackage(name: string, directory: string): Promise<string> {
  const download = (): Promise<string> => aptGet(['download', name], { cwd: directory });
  await download().catch(async () => {
    // A machine that never asked for a list of packages has none yet.
    await aptGet(['update', '--quiet']);
    await download();
  });
  const archive = (await readdir(directory)).find((each) => each.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get downloaded no package');
  await runCommand('dpkg', ['-x', join(directory, archive), directory]);
  return archive;
}

/**
 * Fetches packages of Debian's, with all that they need and this machine has not installed, and unpacks them into
 * `directory`, installing nothing.
 */
export async function unpackWithDependencies(names: readonly string[], directory: string): Promise<void> {
  const archives = join(directory, 'archives');
  await mkdir(join(archives, 'partial'), { recursive: true });
  const download = (): Promise<string> =>
    aptGet([
      'install',
      '--download-only',
      '--yes',
      '--quiet',
      '--no-install-recommends',
      // Where to, so that neither root nor apt's own lock is needed.
      ...['-o', `Dir::Cache::archives=${archives}`, '-o', 'Debug::NoLocking=1'],
      ...names,
    ]);
  await download().catch(async () => {
    await aptGet(['update', '--quiet']);
    await download();
  });
  for (const archive of await readdir(archives)) {
    if (archive.endsWith('.deb')) await runCommand('dpkg', ['-x', join(archives, archive), directory]);
  }
  await rm(archives, { recursive: true });
}
