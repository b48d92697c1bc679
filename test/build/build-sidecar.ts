import { runCommand } from '../stack/command.ts';
import { isBuildStale } from './stale-build.ts';

declare global {
  /** Each project of a run loads this module anew, so what they share lies here. */
  var sidecarBuild: Promise<string> | undefined;
}

/** Before the first file that starts the sidecar as a user does: brings `dist` up to date, once a run. */
export default async function buildSidecar(): Promise<void> {
  const cwd = new URL('../..', import.meta.url).pathname;
  globalThis.sidecarBuild ??= isBuildStale(cwd)
    ? runCommand('npm', ['run', '--silent', 'build'], { cwd })
    : Promise.resolve('');
  await globalThis.sidecarBuild;
}
