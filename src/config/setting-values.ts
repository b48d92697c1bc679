import { createHash } from 'node:crypto';

import { formatDuration } from './setting/units.ts';
import type { SettingPath } from './setting/setting.ts';
import { settingAt, settings, showPath, type Setting } from './settings-list.ts';
import { valueAt } from './tree.ts';

/** What each key holds, by its path as a user writes it; keys that hold nothing are left out. */
export type SettingValues = ReadonlyMap<string, SettingValue>;

interface SettingValue {
  /** Equal for equal values: for a key that names a file, what the file holds counts, too. */
  readonly identity: string;
  /** As a log line may show it; null for what it may not. */
  readonly shown: string | null;
}

/** A key that does not hold what it held. */
export interface SettingChange {
  readonly path: string;
  readonly needsRestart: boolean;
  /** Null where there is none, or none that may be shown. */
  readonly from: string | null;
  readonly to: string | null;
}

/** Every value of a checked configuration. `texts` are the files that were read, by the key that names them. */
export function valuesOf(checked: unknown, texts: ReadonlyMap<string, string>): SettingValues {
  const values = new Map<string, SettingValue>();
  const note = (setting: Setting, path: SettingPath): void => {
    const value = valueAt(checked, path);
    if (value === undefined) return;
    const place = showPath(path);
    const identity = [identityOf(setting, value), digest(texts.get(place))].join(' ');
    values.set(place, { identity, shown: show(setting, value) });
  };
  for (const setting of settings) {
    const list = setting.path.indexOf(0);
    if (list < 0) {
      note(setting, setting.path);
      continue;
    }
    const items = valueAt(checked, setting.path.slice(0, list));
    const count = Array.isArray(items) ? items.length : 0;
    for (let index = 0; index < count; index += 1) {
      note(
        setting,
        setting.path.map((key, at) => (at === list ? index : key)),
      );
    }
  }
  return values;
}

/** The keys whose change counts without a restart; the first item stands for all items of a list. */
export const liveKeys: ReadonlySet<string> = new Set(
  settings.filter(({ isLive }) => isLive === true).map(({ path }) => showPath(path)),
);

/** What differs between two configurations, in the order of the keys. */
export function changesBetween(before: SettingValues, after: SettingValues): readonly SettingChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path)?.identity !== after.get(path)?.identity)
    .map((path) => ({
      path,
      needsRestart: !liveKeys.has(path.replace(/\[\d+\]/g, '[0]')),
      from: before.get(path)?.shown ?? null,
      to: after.get(path)?.shown ?? null,
    }));
}

/** A list whose items have keys of their own is, itself, only as long as it is. */
function identityOf(setting: Setting, value: unknown): string {
  if (Array.isArray(value) && settingAt([...setting.path, 0, 'url']) !== undefined)
    return String(value.length);
  if (setting.kind === 'pattern') return sourceOf(value) ?? '';
  return JSON.stringify(value);
}

function show({ kind, type }: Setting, value: unknown): string | null {
  switch (kind) {
    case 'duration':
      return typeof value === 'number' ? formatDuration(value) : null;
    case 'pattern':
      return sourceOf(value) || "''";
    case 'choice':
    case 'number':
    case 'boolean':
    case 'size':
      return String(value);
    case 'map':
      return JSON.stringify(value);
    case 'list':
      return type.includes('URL') ? null : JSON.stringify(value);
    case 'text':
    case 'secret':
    case 'path':
    case 'url':
      return null;
  }
}

/** Of an expression, whichever engine it is for. */
function sourceOf(value: unknown): string | null {
  const source: unknown =
    typeof value === 'object' && value !== null && 'source' in value ? value.source : null;
  return typeof source === 'string' ? source : null;
}

function digest(text: string | undefined): string {
  return text === undefined ? '' : createHash('sha256').update(text).digest('hex');
}
