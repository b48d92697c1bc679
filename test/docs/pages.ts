import { readFileSync, writeFileSync } from 'node:fs';
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
