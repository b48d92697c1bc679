import type { Fault } from './fault.ts';
import { nearest } from './nearest.ts';
import { showOrigin, type Origin, type Origins } from './origin.ts';
import { readText } from './read-text.ts';
import { settings, settingAt, showPath, type Setting } from './settings-list.ts';
import { setAt, valueAt, type Tree } from './tree.ts';

/** Names one file and not a value, so it is no setting. */
const CONFIG_VARIABLE = 'RAINBOW_CONFIG';

const byEnvironment = new Map(
  settings.flatMap((setting) =>
    setting.environment === null ? [] : [[setting.environment, setting] as const],
  ),
);
const settable = settings.filter((setting) => setting.environment !== null);

/** Puts every RAINBOW_… variable that is no link to a service into the tree. Returns what is wrong with their names. */
export function applyEnvironment(
  tree: Tree,
  origins: Origins,
  environment: Readonly<Record<string, string | undefined>>,
  links: ReadonlySet<string>,
): Fault[] {
  const faults: Fault[] = [];
  for (const name of Object.keys(environment).sort()) {
    const text = environment[name];
    if (!name.startsWith('RAINBOW_') || name === CONFIG_VARIABLE || text === undefined) continue;
    if (links.has(name)) continue;
    const setting = byEnvironment.get(name);
    if (setting !== undefined) {
      apply(tree, origins, setting, keysOf(setting), text, { kind: 'environment', name });
    } else {
      const near = nearest(name, [...byEnvironment.keys(), CONFIG_VARIABLE]);
      const hint =
        near === null ? 'remove it, or look its name up in the reference' : `did you mean ${near}?`;
      faults.push({ path: name, rule: 'is not a known environment variable', source: name, hint });
    }
  }
  return faults;
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
  if (!setAt(tree, keys, readText(setting.kind, text))) return; // what is in the way is reported separately
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

function keysOf(setting: Setting): string[] {
  return setting.path.map(String);
}
