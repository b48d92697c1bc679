import { parse } from 'yaml';

import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { showOrigin, type Origin, type Origins } from './origin.ts';
import { settings, settingAt, showPath, type Setting } from './settings-list.ts';
import { setAt, toTree, valueAt, type Tree } from './tree.ts';

/** Names one file and not a value, so it is no setting. */
const CONFIG_VARIABLE = 'RAINBOW_CONFIG';

/**
 * What Kubernetes puts into the environment of every container for a Service that is named `rainbow` or
 * `rainbow-…`; none of it is meant for us. Source: Kubernetes, Service, environment variables.
 */
const SERVICE_LINK = /^RAINBOW_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\d+_(TCP|UDP|SCTP)(_.*)?)$/;

const byEnvironment = new Map(
  settings.flatMap((setting) =>
    setting.environment === null ? [] : [[setting.environment, setting] as const],
  ),
);
const settable = settings.filter((setting) => setting.environment !== null);

/** Puts every RAINBOW_… variable into the tree. Returns what is wrong with their names. */
export function applyEnvironment(
  tree: Tree,
  origins: Origins,
  environment: Readonly<Record<string, string | undefined>>,
): Fault[] {
  const faults: Fault[] = [];
  for (const name of Object.keys(environment).sort()) {
    const text = environment[name];
    if (!name.startsWith('RAINBOW_') || name === CONFIG_VARIABLE || text === undefined) continue;
    const setting = byEnvironment.get(name);
    if (setting !== undefined) {
      apply(tree, origins, setting, keysOf(setting), text, { kind: 'environment', name });
    } else if (!isServiceLink(name, text)) {
      const near = nearest(name, [...byEnvironment.keys(), CONFIG_VARIABLE]);
      const hint =
        near === null ? 'remove it, or look its name up in the reference' : `did you mean ${near}?`;
      faults.push({ path: name, rule: 'is not a known environment variable', source: name, hint });
    }
  }
  return faults;
}

function isServiceLink(name: string, text: string): boolean {
  return SERVICE_LINK.test(name) || (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text));
}

/** Puts each `path=value` into the tree, in order. Returns what is wrong with their paths. */
export function applyAssignments(tree: Tree, origins: Origins, assignments: readonly string[]): Fault[] {
  const origin: Origin = { kind: 'commandLine' };
  return assignments.flatMap((assignment) => {
    const equals = assignment.indexOf('=');
    const path = assignment.slice(0, Math.max(equals, 0)).trim();
    const text = assignment.slice(equals + 1);
    if (equals < 0) {
      // What was given may be a secret with its path forgotten, so it is not repeated.
      return [
        {
          path: '--set',
          rule: 'must be path=value',
          source: showOrigin(origin),
          hint: 'such as --set poll.interval=10s',
        },
      ];
    }
    const keys = path.split('.');
    const setting = settable.find((candidate) => showPath(candidate.path) === path);
    const map = settable.find(({ kind, path: of }) => kind === 'map' && path.startsWith(`${showPath(of)}.`));
    if (setting !== undefined) apply(tree, origins, setting, keys, text, origin);
    else if (map !== undefined) applyEntry(tree, origins, map, path, text);
    else return [{ path, rule: 'is not a known key', source: showOrigin(origin), hint: pathHint(path) }];
    return [];
  });
}

function pathHint(path: string): string {
  const inside = settable.find((setting) => showPath(setting.path).startsWith(`${path}.`));
  if (inside !== undefined) return `set its keys one by one, such as ${showPath(inside.path)}`;
  const list = settable.find(({ kind, path: of }) => kind === 'list' && path.startsWith(showPath(of)));
  if (list !== undefined) return `set ${showPath(list.path)} as a whole`;
  const near = nearest(
    path,
    settable.map((setting) => showPath(setting.path)),
  );
  return near === null ? 'look its name up in the reference' : `did you mean ${near}?`;
}

function apply(
  tree: Tree,
  origins: Origins,
  setting: Setting,
  keys: readonly string[],
  text: string,
  origin: Origin,
): void {
  if (!setAt(tree, keys, readText(setting, text))) return; // what is in the way is a fault of its own
  origins.set(keys, origin);
  dropTwin(tree, origins, keys, origin);
}

/** `--set series.tags.dc=us1`: one entry of a map. */
function applyEntry(tree: Tree, origins: Origins, map: Setting, path: string, text: string): void {
  const keys = [...keysOf(map), path.slice(showPath(map.path).length + 1)];
  if (setAt(tree, keys, text)) origins.set(keys, { kind: 'commandLine' });
}

/** A later `password` replaces an earlier `passwordFile`, and the other way round. */
function dropTwin(tree: Tree, origins: Origins, keys: readonly string[], origin: Origin): void {
  const last = keys.at(-1) ?? '';
  const twin = [...keys.slice(0, -1), last.endsWith('File') ? last.slice(0, -'File'.length) : `${last}File`];
  const isPair =
    [keys, twin].some((path) => settingAt(path)?.kind === 'secret') && settingAt(twin) !== undefined;
  if (!isPair || valueAt(tree, twin) === undefined || origins.of(twin).kind === origin.kind) return;
  setAt(tree, twin, undefined);
}

/** The value that a text means for a setting. What it cannot mean stays text, for the schema to refuse. */
function readText(setting: Setting, text: string): unknown {
  switch (setting.kind) {
    case 'number':
      return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      if (text.trim() === '') return [];
      return text.trimStart().startsWith('[') ? readYaml(text) : text.split(',').map((item) => item.trim());
    case 'map':
      return text.trimStart().startsWith('{') ? readYaml(text) : readPairs(text);
    default:
      return text;
  }
}

/** `[{url: …, passwordFile: …}]` and `{dc: us1}`, for what commas alone cannot say. */
function readYaml(text: string): unknown {
  try {
    return toTree(parse(text, { stringKeys: true, logLevel: 'error' }) as unknown);
  } catch {
    return text;
  }
}

function readPairs(text: string): unknown {
  if (text.trim() === '') return {};
  const pairs = text
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
  if (text.split(',').some((pair) => !pair.includes('='))) return text;
  return toTree(Object.fromEntries(pairs.map(([name = '', value = '']) => [name.trim(), value.trim()])));
}

function keysOf(setting: Setting): string[] {
  return setting.path.map(String);
}
