import { readFileSync } from 'node:fs';
import type { Configuration } from '../../src/config/configuration.ts';
import { formatFaults, type Fault } from '../../src/config/fault.ts';
import {
  loadConfiguration,
  type LoadArguments,
  type LoadResult,
} from '../../src/config/load-configuration.ts';

/** One of the certificates and keys that all TLS tests use. */
export function pem(name: string): string {
  return readFileSync(new URL(`../burrow/certificates/${name}.pem`, import.meta.url), 'utf8');
}

export const [PEM, KEY] = [pem('authority'), pem('client-key')];

export interface Given {
  /** Text of `/etc/rainbow/rainbow.yaml`, in the working directory. */
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly set?: readonly string[];
  readonly args?: Partial<LoadArguments>;
  /** Other files, by absolute path. */
  readonly files?: Readonly<Record<string, string>>;
  /** Error code that reading any of these paths gives. */
  readonly unreadable?: Readonly<Record<string, string>>;
}

/** Loads as the command line does, from files that exist only here. */
export function load({
  yaml,
  env = {},
  set = [],
  args = {},
  files = {},
  unreadable = {},
}: Given): LoadResult {
  const all: Record<string, string> = { ...files };
  if (yaml !== undefined) all['/etc/rainbow/rainbow.yaml'] = yaml;
  return loadConfiguration({
    args: { set, ...args },
    env,
    cwd: '/etc/rainbow',
    hostName: 'this-host',
    readFile(path) {
      const text = all[path];
      const code = unreadable[path] ?? (text === undefined ? 'ENOENT' : undefined);
      if (code !== undefined) throw Object.assign(new Error(`${code}: ${path}`), { code });
      return text!;
    },
  });
}

/** The configuration; throws the faults where there is none. */
export function loadGood(given: Given): Configuration {
  const result = load(given);
  if (result.kind === 'faults') throw new Error(formatFaults(result.faults));
  return result.configuration;
}

export function faultsOf(given: Given): readonly Fault[] {
  const result = load(given);
  return result.kind === 'faults' ? result.faults : [];
}

/** Makes any configuration complete. */
export const BROKERS = { RAINBOW_KAFKA_BROKERS: 'kafka:9092' };
