import { readFile } from 'node:fs/promises';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';

const repository = new URL('../../', import.meta.url);

/** A map of anything, as files written by hand are until they have been looked at. */
export type Tree = Readonly<Record<string, unknown>>;

export function pathOf(file: string): string {
  return new URL(file, repository).pathname;
}

export function readText(file: string): Promise<string> {
  return readFile(pathOf(file), 'utf8');
}

export async function readJson(file: string): Promise<Tree> {
  return tree(JSON.parse(await readText(file)));
}

/** Every document of a YAML file. Fails on what YAML only warns of, such as a key given twice. */
export async function readYaml(file: string): Promise<readonly Tree[]> {
  return parseYaml(await readText(file), file);
}

/** As {@link readYaml}, of a text; the name is for messages. */
export function parseYaml(text: string, file: string): readonly Tree[] {
  const documents = parseAllDocuments(text, { uniqueKeys: true });
  if (!Array.isArray(documents)) throw new Error(`${file} is empty`);
  return documents.map((document) => {
    const [fault] = [...document.errors, ...document.warnings];
    if (fault !== undefined) throw fault;
    return tree(document.toJS());
  });
}

export function readToml(text: string): Tree {
  return tree(parseToml(text));
}

/** What is at a path of keys and indexes; fails naming the first step that leads nowhere. */
export function at(from: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((here, step, index) => {
    const next =
      typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[step] : undefined;
    if (next === undefined) throw new Error(`nothing at ${path.slice(0, index + 1).join('.')}`);
    return next;
  }, from);
}

export function tree(value: unknown): Tree {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a map');
  return value as Tree;
}

export function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error('not a list');
  return value as readonly unknown[];
}
