import { z } from 'zod';

import { schema } from './schema.ts';
import { settingNotes, type SettingNote, type SettingPath } from './setting/setting.ts';

/** A key with its note and the environment variable that sets it. */
export interface Setting extends SettingNote {
  readonly path: SettingPath;
  /** Null for keys inside a list, which are set with the list as a whole. */
  readonly environment: string | null;
}

/** The path as a user writes it: `burrow.servers[0].url`. */
export function showPath(path: SettingPath): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}

/** Every key there is, in the order of the schema; the first item stands for all items of a list. */
export const settings: readonly Setting[] = collect(schema, []);

/** The setting at a path, where an index stands for any. */
export function settingAt(path: SettingPath): Setting | undefined {
  return byPath.get(pathKey(path));
}

/** The keys that may stand in the map at `path`; empty where no map may. */
export function keysAt(path: SettingPath): string[] {
  const prefix = path.length === 0 ? '' : `${pathKey(path)}\n`;
  const keys = settings
    .filter((setting) => pathKey(setting.path).startsWith(prefix) && setting.path.length > path.length)
    .map((setting) => setting.path[path.length]);
  return [...new Set(keys.filter((key) => typeof key === 'string'))];
}

/** `RAINBOW_KAFKA_CLIENT_ID` for kafka.clientId. */
function environmentName(path: SettingPath): string | null {
  if (path.includes(0)) return null;
  const words = path.map((key) =>
    String(key)
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .toUpperCase(),
  );
  return ['RAINBOW', ...words].join('_');
}

function collect(part: z.core.$ZodType, path: SettingPath): Setting[] {
  const note = settingNotes.get(part);
  const here = note === undefined ? [] : [{ ...note, path, environment: environmentName(path) }];
  const inner = unwrap(part);
  if (inner instanceof z.ZodObject) {
    const shape: Readonly<Record<string, z.core.$ZodType>> = inner.shape;
    return [...here, ...Object.entries(shape).flatMap(([key, value]) => collect(value, [...path, key]))];
  }
  if (inner instanceof z.ZodArray) return [...here, ...collect(inner.element, [...path, 0])];
  return here;
}

/** What a value is in the end, without defaults, options and preparing steps around it. */
function unwrap(part: z.core.$ZodType): z.core.$ZodType {
  if (part instanceof z.ZodPrefault || part instanceof z.ZodOptional) return unwrap(part.unwrap());
  if (part instanceof z.ZodPipe) return unwrap(part.in instanceof z.ZodTransform ? part.out : part.in);
  return part;
}

function pathKey(path: SettingPath): string {
  return path.map((key) => (typeof key === 'number' ? 0 : key)).join('\n');
}

const byPath = new Map(settings.map((setting) => [pathKey(setting.path), setting]));
