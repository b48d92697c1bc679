import { runCommand } from '../../stack/command.ts';

/** Before the first file of the integration suite: builds what the sidecar's tests start, as `npm run build` does. */
export default async function buildSidecar(): Promise<void> {
  const cwd = new URL('../../..', import.meta.url).pathname;
  await runCommand('npm', ['run', '--silent', 'build'], { cwd });
}
