import { isIPv6 } from 'node:net';

import { parse } from 'yaml';

import type { SettingKind } from './setting/setting.ts';
import { toTree } from './tree.ts';

/**
 * The value that the text of an environment variable or of `--set` means for a setting of this kind. What it cannot
 * mean stays text, for the schema to refuse. White space and one pair of quotes around the whole, which files of
 * variables keep, are left out where neither can be meant.
 */
export function readText(kind: SettingKind, text: string): unknown {
  switch (kind) {
    case 'number': {
      const bare = unquote(text);
      return /^[+-]?\d+(\.\d+)?$/.test(bare) ? Number(bare) : bare;
    }
    case 'boolean': {
      const bare = unquote(text);
      return bare === 'true' ? true : bare === 'false' ? false : bare;
    }
    case 'duration':
    case 'size':
    case 'choice':
      return unquote(text);
    case 'list':
      return readList(unquote(text));
    case 'map':
      return readMap(unquote(text));
    case 'text':
    case 'secret':
    case 'path':
    case 'url':
    case 'pattern':
      return text;
  }
}

/**
 * `a, "b",`: items with commas between them, one more at the end allowed; or a list as YAML has it. Without any item it
 * stays text: most likely a variable that it was made of was empty, and no list at all would be the default in disguise.
 */
function readList(text: string): unknown {
  if (/^[\s,]*$/.test(text)) return text;
  return isYamlList(text) ? readYaml(text) : itemsOf(text).map(unquote);
}

/** Not `[::1]:9092`, which is an item and begins with a bracket, too. */
function isYamlList(text: string): boolean {
  const first = /^\[([^\]]*)/.exec(text)?.[1];
  return first !== undefined && !isIPv6(first);
}

/** `dc=us1, rack=r1`, or a map as YAML has it. */
function readMap(text: string): unknown {
  if (text === '') return {};
  if (text.startsWith('{')) return readYaml(text);
  const items = itemsOf(text);
  if (items.some((item) => !item.includes('='))) return text;
  return toTree(
    Object.fromEntries(
      items.map((item) => {
        const equals = item.indexOf('=');
        return [item.slice(0, equals).trim(), item.slice(equals + 1).trim()];
      }),
    ),
  );
}

function itemsOf(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.length > 1 && items.at(-1) === '') items.pop();
  return items;
}

/** `[{url: …, passwordFile: …}]` and `{dc: us1}`, for what commas alone cannot say. */
function readYaml(text: string): unknown {
  try {
    return toTree(parse(text, { stringKeys: true, logLevel: 'error' }) as unknown);
  } catch {
    return text;
  }
}

function unquote(text: string): string {
  const trimmed = text.trim();
  const [, , inside = trimmed] = /^(["'])([^"']*)\1$/.exec(trimmed) ?? [];
  return inside.trim();
}
