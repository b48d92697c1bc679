import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { readText, REPOSITORY } from './pages.ts';

/** Which rooms each room imports from; a room is a folder of `src/` or a file directly in it. */
export type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** As the source has it. */
export function importsOfSource(): Imports {
  const imports = new Map<string, Set<string>>();
  for (const file of sourceFiles('src')) {
    const from = roomOf(file);
    const ofRoom = imports.get(from) ?? new Set();
    imports.set(from, ofRoom);
    for (const [, path = ''] of readText(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']*)'/g)) {
      const to = roomOf(posix.join(posix.dirname(file), path));
      if (to !== from) ofRoom.add(to);
    }
  }
  return imports;
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function sourceFiles(folder: string): readonly string[] {
  return readdirSync(posix.join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return sourceFiles(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
