import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import type { Facts } from '../bench.ts';

/** What the figures were measured on. */
export function describeMachine(): Facts {
  return {
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    commit: commit(),
    /** Runnable processes in the last minute before: well above 0, something else was running. */
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', ':/src') !== '';
    return git('rev-parse', '--short=10', 'HEAD') + (isChanged ? '+changes' : '');
  } catch {
    return 'unknown'; // not a checkout
  }
}
