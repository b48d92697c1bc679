import type { z } from 'zod';

import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { showOrigin, type Origins } from './origin.ts';
import { redactUrl } from './redact.ts';
import type { SettingPath } from './setting/setting.ts';
import { keysAt, settingAt, settings, showPath, type Setting } from './settings-list.ts';
import { isMap, valueAt } from './tree.ts';

const LONGEST_SHOWN = 60;
const LONGEST_PATH_SHOWN = 300;

/** A fault and the place in the tree that must go for the rest to be readable. */
export interface PlacedFault {
  readonly fault: Fault;
  readonly place: SettingPath;
}

/** The faults that the schema found in a tree. */
export function schemaFaults(
  tree: unknown,
  issues: readonly z.core.$ZodIssue[],
  origins: Origins,
): PlacedFault[] {
  const broken = new Set<string>();
  return issues.flatMap((issue) => {
    const place = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownKey([...place, key], origins));
    // The first rule that a value breaks is enough.
    if (broken.size === broken.add(showPath(place)).size) return [];
    return [ruleBroken(tree, place, issue, origins)];
  });
}

function unknownKey(place: SettingPath, origins: Origins): PlacedFault {
  const key = String(place.at(-1));
  const siblings = keysAt(place.slice(0, -1));
  return {
    place,
    fault: {
      path: showPath(place),
      rule: 'is not a known key',
      source: showOrigin(origins.of(place)),
      hint: unknownKeyHint(key, siblings),
    },
  };
}

function unknownKeyHint(key: string, siblings: readonly string[]): string {
  const near = nearest(key, siblings);
  if (near !== null) return `did you mean ${near}?`;
  const elsewhere = settings.find((setting) => setting.path.at(-1) === key && !setting.path.includes(0));
  if (elsewhere !== undefined) return `did you mean ${showPath(elsewhere.path)}?`;
  return `known here: ${siblings.join(', ')}`;
}

function ruleBroken(
  tree: unknown,
  place: SettingPath,
  issue: z.core.$ZodIssue,
  origins: Origins,
): PlacedFault {
  const value = valueAt(tree, place);
  const setting = settingAt(place);
  const got = showValue(value, place);
  const hint = itemHint(tree, place) ?? hintOf(issue) ?? valueHint(setting ?? entryOf(place), value);
  return {
    place,
    fault: {
      path: showPath(place),
      rule: value === undefined && issue.code === 'invalid_type' ? 'is missing' : issue.message,
      source: showOrigin(origins.of(place)),
      ...(got !== undefined && { got }),
      ...(hint !== undefined && { hint }),
    },
  };
}

/** What is wrong with how a list was written, seen from one of its items. Quotes nothing: it may hold a password. */
function itemHint(tree: unknown, place: SettingPath): string | undefined {
  const index = place.findLastIndex((key) => typeof key === 'number');
  const item = index < 0 ? undefined : valueAt(tree, place.slice(0, index + 1));
  if (typeof item !== 'string') return undefined;
  if (item.trim() === '') return 'this item is empty: leave out the comma, or the item';
  if (/^["']|["']$/.test(item)) return 'leave out the quotes';
  if (/\S(\s+|\s*;\s*)\S/.test(item)) return 'put commas between the items, and nothing else: one,two';
  return undefined;
}

function hintOf(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code !== 'custom') return undefined;
  const hint: unknown = issue.params?.['hint'];
  return typeof hint === 'string' ? hint : undefined;
}

/** What most often leads to a value of the wrong type. */
function valueHint(setting: Setting | undefined, value: unknown): string | undefined {
  if (setting === undefined) return undefined;
  if (value === '' && !['text', 'list', 'map'].includes(setting.kind)) {
    return setting.default === ''
      ? 'give it a value or remove it'
      : `remove it for the default, ${setting.default}`;
  }
  switch (setting.kind) {
    case 'duration':
      return typeof value === 'number' ? `add the unit: ${value}s or ${value}ms` : undefined;
    case 'size':
      return typeof value === 'number'
        ? `add the unit: ${value}B, ${value}KB, ${value}MB or ${value}GB`
        : undefined;
    case 'choice': {
      const near = typeof value === 'string' ? nearest(value, setting.choices ?? []) : null;
      return near === null ? undefined : `did you mean ${near}?`;
    }
    case 'number':
      return typeof value === 'string' && /^-?\d+$/.test(value) ? `remove the quotes: ${value}` : undefined;
    case 'boolean':
      return typeof value === 'string' && /^(true|false)$/i.test(value)
        ? `write ${value.toLowerCase()}, without quotes`
        : undefined;
    case 'list':
      if (typeof value === 'string' && /^[\s,]*$/.test(value)) {
        const preset = setting.default === '[]' ? '' : ` for the default, ${setting.default}`;
        return `it is empty: give it a value, or remove it${preset}; [] is an empty list`;
      }
      return isPlain(value) ? 'write a list, each item on its own line after a dash' : undefined;
    case 'map':
      return 'write a map: {name: text}, or name=text,name=text outside the file';
    default:
      return typeof value === 'number' || typeof value === 'boolean' ? 'put the value in quotes' : undefined;
  }
}

/** What an entry of a map is: text. */
function entryOf(place: SettingPath): Setting | undefined {
  const map = settingAt(place.slice(0, -1));
  return map?.kind === 'map' ? { ...map, kind: 'text' } : undefined;
}

function isPlain(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/**
 * The value as a fault may show it, undefined where it may not. Only what stands where a harmless value belongs is
 * shown: text in the place of a whole section might be a secret that lost its key.
 */
export function showValue(value: unknown, place: SettingPath): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  const setting = settingAt(place) ?? settingAt(place.slice(0, -1));
  if (setting === undefined || setting.kind === 'secret') return undefined;
  if (typeof value !== 'string') return isPlain(value) ? String(value) : 'nothing';
  // Lists and maps that could not be read may hold a server with its password.
  if (/^\s*[[{]/.test(value) && ['list', 'map'].includes(setting.kind)) return undefined;
  const shown = redactUrl(value);
  // The end of a path says which file it is.
  const longest = setting.kind === 'path' ? LONGEST_PATH_SHOWN : LONGEST_SHOWN;
  return JSON.stringify(shown.length > longest ? `${shown.slice(0, longest)}…` : shown);
}
