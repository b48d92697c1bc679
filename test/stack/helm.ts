import { join } from 'node:path';
import { cached } from './cache.ts';
import { runCommand } from './command.ts';

const VERSION = '3.18.6';
const MODULE = `helm.sh/helm/v3/cmd/helm@v${VERSION}`;
const BUILDING_MS = 30 * 60_000;

let found: Promise<string> | undefined;

/** The path of a Helm to run, built by `go install` once and kept in the cache. Needs Go. */
export function findHelm(): Promise<string> {
  found ??= cached(`helm-${VERSION}`, async (workspace) => {
    await runCommand('go', ['install', '-ldflags=-s -w', MODULE], {
      env: { GOBIN: workspace },
      timeoutMs: BUILDING_MS,
    });
  }).then((directory) => join(directory, 'helm'));
  return found;
}

/** Runs Helm; fails with what it has to say. */
export async function helm(...args: readonly string[]): Promise<string> {
  return runCommand(await findHelm(), args, { timeoutMs: 60_000 });
}
