import { runCommand } from '../stack/command.ts';
import { isBuildStale } from './stale-build.ts';

const root = new URL('../..', import.meta.url).pathname;
if (isBuildStale(root)) {
  const startedMs = performance.now();
  process.stderr.write('Building burrow-rainbow … ');
  try {
    await runCommand('npm', ['run', '--silent', 'build'], { cwd: root });
    process.stderr.write(`done in ${Math.ceil((performance.now() - startedMs) / 1000)} s\n`);
  } catch (error) {
    process.stderr.write(`failed:\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
