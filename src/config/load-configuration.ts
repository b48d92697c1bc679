import { resolve } from 'node:path';

import type { Configuration } from './configuration.ts';
import type { Fault } from './fault.ts';
import { createJudge, readingFault, type ReadFile } from './create-judge.ts';
import { Origins, showOrigin } from './origin.ts';
import { applyAssignments, applyEnvironment } from './overrides.ts';
import { resolveSettings } from './resolve.ts';
import { schemaFaults, type PlacedFault } from './schema-faults.ts';
import { schema } from './schema.ts';
import { serviceLinks } from './service-links.ts';
import { valuesOf, type SettingValues } from './setting-values.ts';
import type { SettingPath } from './setting/setting.ts';
import { settings, showPath } from './settings-list.ts';
import { emptyTree, isMap, removeAt, setAt, valueAt, type Tree } from './tree.ts';
import { parseYaml, type YamlDocument } from './yaml-document.ts';

/** The file that is read by default, if it exists. */
const FILE_IN_FOLDER = 'rainbow.yaml';
const LOOPBACK = '127.0.0.1';

/** What the command line says about the configuration. */
export interface LoadArguments {
  /** `--config`. */
  readonly configFile?: string;
  /** `path=value` each, the later ones winning. */
  readonly set: readonly string[];
  /**
   * For a demonstration: `rainbow.yaml` in the working directory is not taken unasked, records go to standard output
   * unless brokers or a sink are given, so that made-up lag never reaches a real topic by accident, and it listens on
   * this machine alone unless `http.host` is set.
   */
  readonly demo?: boolean;
  /** For a command that only reads: no destination has to be set. */
  readonly sendsNothing?: boolean;
}

export interface LoadRequest {
  readonly args: LoadArguments;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute. */
  readonly cwd: string;
  readonly readFile: ReadFile;
  /** What `series.source` is when nobody sets it. */
  readonly hostName: string;
}

export interface LoadedConfiguration {
  readonly kind: 'ok';
  readonly configuration: Configuration;
  /** What each key holds, to find out later what has changed. */
  readonly values: SettingValues;
  /** The file that was read, as it was named; null where there was none. */
  readonly file: string | null;
  /** Variables that begin like settings and are links to a service: they were passed over. */
  readonly links: readonly string[];
}

export type LoadResult = LoadedConfiguration | { readonly kind: 'faults'; readonly faults: readonly Fault[] };

/**
 * Reads file, environment and command line, the later winning, and checks everything. All faults are found in one go;
 * none holds a secret. Relative paths in the file start at the file's folder, all others at `cwd`. Never throws.
 */
export function loadConfiguration(request: LoadRequest): LoadResult {
  const { args, env } = request;
  const document = readConfigFile(request);
  if ('faults' in document) return { kind: 'faults', faults: document.faults };
  const { name, yaml } = document;
  const tree = yaml?.tree ?? emptyTree();
  const origins = new Origins((path) => yaml?.locate(path) ?? { kind: 'notSet' });
  for (const { path } of settings) makeSections(tree, path);

  const links = serviceLinks(env);
  const faults: Fault[] = [
    ...applyEnvironment(tree, origins, env, links),
    ...applyAssignments(tree, origins, args.set),
  ];
  if (args.demo === true || args.sendsNothing === true) preferStdout(tree);
  if (args.demo === true && valueAt(tree, ['http', 'host']) === undefined) {
    setAt(tree, ['http', 'host'], LOOPBACK);
  }
  const { value, placed, removed } = parseTree(tree, origins);
  faults.push(...placed.map(({ fault }) => fault));
  if (value !== null) {
    const judge = createJudge({
      tree,
      origins,
      faulty: removed,
      cwd: request.cwd,
      readFile: request.readFile,
    });
    const configuration = resolveSettings(judge, value, request.hostName);
    faults.push(...judge.faults);
    if (faults.length === 0) {
      const values = valuesOf(value, judge.texts);
      return { kind: 'ok', configuration, values, file: name, links: [...links].sort() };
    }
  }
  return { kind: 'faults', faults };
}

interface FoundFile {
  readonly name: string | null;
  readonly yaml: YamlDocument | null;
}

function readConfigFile({ args, env, cwd, readFile }: LoadRequest): FoundFile | { faults: readonly Fault[] } {
  const fromEnvironment = env['RAINBOW_CONFIG'];
  const named = args.configFile ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  if (named === undefined && args.demo === true) return { name: null, yaml: null };
  const name = named ?? FILE_IN_FOLDER;
  let text;
  try {
    text = readFile(resolve(cwd, name));
  } catch (error) {
    const reason = readingFault(error);
    if (named === undefined && reason === 'does not exist') return { name: null, yaml: null };
    const source =
      args.configFile !== undefined ? 'command line' : named === undefined ? name : 'RAINBOW_CONFIG';
    const rule = `The configuration file ${name} ${reason}`;
    return { faults: [{ path: '', rule, source, hint: 'give another path with --config' }] };
  }
  const yaml = parseYaml(text, name);
  return 'tree' in yaml ? { name, yaml } : { faults: yaml };
}

/** Gives every section a map, so that the defaults of the keys in it are found. */
function makeSections(tree: Tree, path: SettingPath): void {
  const keys = path.slice(0, path.includes(0) ? 0 : -1).map(String);
  if (keys.length > 0 && valueAt(tree, keys) === undefined) setAt(tree, keys, emptyTree());
}

function preferStdout(tree: Tree): void {
  const brokers = valueAt(tree, ['kafka', 'brokers']);
  const hasBrokers = brokers !== undefined && !(Array.isArray(brokers) && brokers.length === 0);
  if (!hasBrokers && valueAt(tree, ['sink', 'type']) === undefined) setAt(tree, ['sink', 'type'], 'stdout');
}

/**
 * What the schema makes of the tree. Faulty keys are taken out and the rest is read again, so that rules across
 * keys can still be checked: a user should see all faults at once, not one after the other.
 */
function parseTree(tree: Tree, origins: Origins) {
  const placed: PlacedFault[] = forbiddenKeys(tree, origins);
  const removed: SettingPath[] = placed.map(({ place }) => removeAt(tree, place));
  // Each round removes something, and what is left after a few is nothing but defaults.
  for (let round = 0; round < 5; round += 1) {
    const result = schema.safeParse(tree);
    if (result.success) return { value: result.data, placed, removed };
    const found = schemaFaults(tree, result.error.issues, origins);
    placed.push(...found);
    for (const { place } of found) {
      removed.push(removeAt(tree, place));
      for (const { path } of settings) makeSections(tree, path);
    }
  }
  return { value: null, placed, removed };
}

/** `__proto__` is passed over by the schema in silence. */
function forbiddenKeys(value: unknown, origins: Origins, path: SettingPath = []): PlacedFault[] {
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [index, item])
    : isMap(value)
      ? Object.entries(value)
      : [];
  return entries.flatMap(([key, child]) => {
    const place = [...path, key];
    if (key !== '__proto__') return forbiddenKeys(child, origins, place);
    const source = showOrigin(origins.of(place));
    return [
      { place, fault: { path: showPath(place), rule: 'is not a known key', source, hint: 'remove it' } },
    ];
  });
}
