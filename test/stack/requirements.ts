import { spawnSync } from 'node:child_process';

/** Whether this machine has apt, which a server of Debian's is fetched with. For `describe.skipIf`, as the one below. */
export function debianIsPossible(): boolean {
  return isPossible(hasDebian() ? [] : ['apt-get and dpkg (Debian, or what descends from it)']);
}

/**
 * Whether this machine has what the real servers need: Java 17 or newer, Maven, and Go or Debian's apt for Burrow.
 *
 * For `describe.skipIf(!stackIsPossible())`. Where something is missing it says on standard error what, and answers
 * false; with `CI=true`, where a skipped test would pass for a green one, it throws instead.
 */
export function stackIsPossible(): boolean {
  return isPossible(missingTools());
}

/** Whether this machine can build the readers of Wavefront's format: with a JDK, Maven and Go. */
export function wavefrontReadersArePossible(): boolean {
  const missing: string[] = [];
  if (versionOf('javac', '-version') === undefined)
    missing.push('a JDK, 17 or newer (no "javac" on the PATH)');
  if (versionOf('mvn', '--version') === undefined) missing.push('Maven (no "mvn" on the PATH)');
  if (versionOf('go', 'version') === undefined) missing.push('Go (no "go" on the PATH)');
  return isPossible(missing);
}

/** Whether this machine can build Telegraf's parsers: with Go. */
export function telegrafParsersArePossible(): boolean {
  return isPossible(versionOf('go', 'version') === undefined ? ['Go (no "go" on the PATH)'] : []);
}

/** Whether this machine can build Helm and fetch Kubernetes' schemas: with Go, and Python with pip. */
export function chartsArePossible(): boolean {
  const missing: string[] = [];
  if (versionOf('go', 'version') === undefined) missing.push('Go (no "go" on the PATH)');
  if (versionOf('python3', '-m', 'pip', '--version') === undefined) missing.push('Python 3 with pip');
  return isPossible(missing);
}

function isPossible(missing: readonly string[]): boolean {
  if (missing.length === 0) return true;
  const message = `needs ${missing.join(', and ')}`;
  if (process.env['CI'] === 'true') throw new Error(`The integration suite ${message}.`);
  console.warn(`Integration tests are skipped: this suite ${message}.`);
  return false;
}

/** What is missing, each as a noun phrase that tells what to install. Empty: nothing. */
export function missingTools(): readonly string[] {
  const missing: string[] = [];
  const java = versionOf('java', '-version');
  const major = Number(/version "(?:1\.)?(\d+)/.exec(java ?? '')?.[1] ?? 0);
  if (java === undefined) missing.push('Java 17 or newer (no "java" on the PATH)');
  else if (major < 17) missing.push(`Java 17 or newer ("java -version" says ${String(major)})`);
  if (versionOf('mvn', '--version') === undefined) missing.push('Maven (no "mvn" on the PATH)');
  if (versionOf('go', 'version') === undefined && !hasDebian()) {
    missing.push('Go to build Burrow (no "go" on the PATH, nor apt-get for Debian\'s Burrow)');
  }
  return missing;
}

function hasDebian(): boolean {
  return versionOf('apt-get', '--version') !== undefined && versionOf('dpkg', '--version') !== undefined;
}

function versionOf(command: string, ...args: readonly string[]): string | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout + stderr : undefined;
}
