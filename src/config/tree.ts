import type { SettingPath } from './setting/setting.ts';

/** A map of the configuration before it is checked. Has no prototype, so that no key means anything special. */
export interface Tree {
  [key: string]: unknown;
}

/** A copy of what a parser gave, maps without prototype, and keys without a value (null) left out. */
export function toTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toTree);
  if (!isMap(value)) return value;
  const tree = emptyTree();
  for (const [key, child] of Object.entries(value)) {
    if (child !== null && child !== undefined) tree[key] = toTree(child);
  }
  return tree;
}

export function emptyTree(): Tree {
  return Object.create(null) as Tree;
}

export function isMap(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at `path`, or undefined. */
export function valueAt(tree: unknown, path: SettingPath): unknown {
  let value = tree;
  for (const key of path) {
    if (typeof key === 'number') value = Array.isArray(value) ? value[key] : undefined;
    else value = isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** Puts a value at a path of map keys, making maps on the way; false where something that is no map is in the way. */
export function setAt(tree: Tree, path: readonly string[], value: unknown): boolean {
  let map = tree;
  for (const key of path.slice(0, -1)) {
    const child = map[key] ?? (map[key] = emptyTree());
    if (!isMap(child)) return false;
    map = child;
  }
  const last = path.at(-1);
  if (last !== undefined) map[last] = value;
  return true;
}

/** Takes a path out; where it leads into a list, the whole list. Returns the path that was taken out. */
export function removeAt(tree: Tree, path: SettingPath): string[] {
  const place = path.findIndex((key) => typeof key === 'number');
  const removed = (place < 0 ? path : path.slice(0, place)).map(String);
  const parent = valueAt(tree, removed.slice(0, -1));
  const last = removed.at(-1);
  if (isMap(parent) && last !== undefined) Reflect.deleteProperty(parent, last);
  return removed;
}
