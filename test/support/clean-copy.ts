import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../stack/command.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** What a fresh clone would have, with the changes that are not committed yet: no `node_modules`, nothing built. */
export async function makeCleanCopy(): Promise<{
  readonly path: string;
  readonly remove: () => Promise<void>;
}> {
  const path = await mkdtemp(join(tmpdir(), 'rainbow-copy-'));
  const listed = await runCommand('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: REPOSITORY,
  });
  for (const file of listed.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(path, file)), { recursive: true });
    // A file that was removed and not committed yet is still listed.
    await cp(join(REPOSITORY, file), join(path, file)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    });
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
