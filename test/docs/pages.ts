import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository; the paths below are relative to it. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export function readText(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

export function writeText(path: string, text: string): void {
  writeFileSync(join(REPOSITORY, path), text);
}

/** Folders that are made, not written. */
const MADE = ['.git', '.stryker', 'artifacts', 'coverage', 'dist', 'node_modules'];

/** Every Markdown file of the repository. */
export function pages(folder = ''): readonly string[] {
  return readdirSync(join(REPOSITORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return MADE.includes(entry.name) ? [] : pages(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
