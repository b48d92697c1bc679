import { runCommand } from '../../stack/command.ts';

declare global {
  /** Each project of a run loads this module anew, so what they share lies here. */
  var sidecarBuild: Promise<string> | undefined;
}

/** Before the first file that starts the sidecar as a user does: builds it, as `npm run build` does, once a run. */
export default async function buildSidecar(): Promise<void> {
  const cwd = new URL('../../..', import.meta.url).pathname;
  globalThis.sidecarBuild ??= runCommand('npm', ['run', '--silent', 'build'], { cwd });
  await globalThis.sidecarBuild;
}
