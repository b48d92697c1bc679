import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { runCommand, type CommandOptions } from './command.ts';

/**
 * Runs `apt-get`, after whoever else runs it through here on this machine: files of tests run side by side, and of two
 * that renew the list of packages at once one would fail.
 */
export async function aptGet(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  await mkdir(cacheDirectory(), { recursive: true });
  const waitForOthers = ['-o', 'DPkg::Lock::Timeout=300'];
  const lock = join(cacheDirectory(), 'apt.lock');
  return runCommand('flock', [lock, 'apt-get', ...waitForOthers, ...args], options);
}
