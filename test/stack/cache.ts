import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where fetched servers are kept between runs: `$XDG_CACHE_HOME/burrow-rainbow`, else `~/.cache/burrow-rainbow`. */
export function cacheDirectory(): string {
  const base = process.env['XDG_CACHE_HOME'];
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'burrow-rainbow');
}

/**
 * The cached directory `name`, built on first use.
 *
 * `build` fills a private directory beside it, which is renamed into place only when it is complete. So an
 * interrupted build leaves no half-filled cache, and of two runs that build at once one wins and both may use it.
 */
export async function cached(name: string, build: (directory: string) => Promise<void>): Promise<string> {
  const target = join(cacheDirectory(), name);
  if (await exists(target)) return target;
  await mkdir(cacheDirectory(), { recursive: true });
  const workspace = await mkdtemp(join(cacheDirectory(), `.building-${name}-`));
  try {
    await build(workspace);
    await rename(workspace, target).catch(async (error: unknown) => {
      if (!(await exists(target))) throw error;
    });
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
  return target;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
