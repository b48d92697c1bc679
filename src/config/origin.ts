import { dirname, resolve } from 'node:path';

import type { SettingPath } from './setting/setting.ts';

/** Where a value was written. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'commandLine' }
  | { readonly kind: 'notSet' };

/** Origin as a fault shows it. */
export function showOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'file':
      return `${origin.file}:${origin.line}:${origin.column}`;
    case 'environment':
      return origin.name;
    case 'commandLine':
      return 'command line';
    case 'notSet':
      return 'not set';
  }
}

/** What relative paths are relative to: the folder of the file that names them, else the working directory. */
export function folderOf(origin: Origin, cwd: string): string {
  return origin.kind === 'file' ? dirname(resolve(cwd, origin.file)) : cwd;
}

/** Which origin each value has; what was set on a map or list holds for all that is in it. */
export class Origins {
  readonly #set = new Map<string, Origin>();
  readonly #inFile: (path: SettingPath) => Origin;

  /** `inFile` finds a path in the configuration file. */
  constructor(inFile: (path: SettingPath) => Origin) {
    this.#inFile = inFile;
  }

  set(path: SettingPath, origin: Origin): void {
    this.#set.set(JSON.stringify(path), origin);
  }

  of(path: SettingPath): Origin {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = this.#set.get(JSON.stringify(path.slice(0, length)));
      if (origin !== undefined) return origin;
    }
    return this.#inFile(path);
  }
}
