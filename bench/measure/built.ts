import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Whether what was built is newer than everything it was built from. */
export function isBuilt(root: string, output: string): boolean {
  const builtAtMs = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  return [...sources.map((file) => join('src', file)), 'package.json', 'tsconfig.json'].every(
    (file) => statSync(join(root, file)).mtimeMs < builtAtMs,
  );
}
