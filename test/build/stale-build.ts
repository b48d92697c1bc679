import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a build is made of. */
const SOURCES = ['src', 'package.json', 'package-lock.json', 'tsconfig.json'];
/** What the first and the last step of a build write anew each time. */
const PRODUCTS = ['dist/cli.js', 'dist/dashboard/index.html'];

/**
 * Whether `dist` is missing or older than something that it is built from. A file that was removed counts, too: its
 * folder is newer then.
 *
 * @param root the folder of package.json
 */
export function isBuildStale(root: string): boolean {
  const products = PRODUCTS.map((product) => join(root, product));
  if (!products.every((product) => existsSync(product))) return true;
  const builtMs = Math.min(...products.map((product) => statSync(product).mtimeMs));
  return SOURCES.some((source) => newestMs(join(root, source)) > builtMs);
}

/** The newest change of a file; of a folder: of all that is in it, and of itself. */
function newestMs(path: string): number {
  const found = statSync(path);
  const inside = found.isDirectory() ? readdirSync(path) : [];
  return Math.max(found.mtimeMs, ...inside.map((name) => newestMs(join(path, name))));
}
