import type { Configuration } from '../../src/config/configuration.ts';
import { loadConfiguration } from '../../src/config/load-configuration.ts';
import { formatFaults } from '../../src/config/fault.ts';
import type { StartedContainer } from './pod.ts';
import { at, list, tree, type Tree } from './read-example.ts';

/** How one of the two reaches Kafka, in words that hold for both. */
export interface KafkaAccess {
  readonly brokers: readonly string[];
  /** 'public': with the authorities that everybody trusts. */
  readonly tls: { readonly authority: string } | null;
  readonly login: { readonly mechanism: string; readonly username: string; readonly password: string } | null;
}

/** The sidecar's configuration in a container. Fails with its faults. */
export function loadIn({ env, files }: StartedContainer): Configuration {
  const result = loadConfiguration({
    args: { set: [] },
    env,
    cwd: '/etc/burrow',
    hostName: 'host',
    readFile(path) {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
      return text;
    },
  });
  if (result.kind === 'faults') throw new Error(formatFaults(result.faults));
  return result.configuration;
}

export function accessOfSidecar({ kafka }: Configuration): KafkaAccess {
  const { brokers, tls, sasl } = kafka;
  return {
    brokers,
    tls: tls === null ? null : { authority: tls.caFile ?? 'public' },
    login: sasl === null ? null : { username: '', password: '', ...sasl },
  };
}

/**
 * What Burrow 1.9.5 makes of its burrow.toml, for its cluster and for its consumer. It reads each setting from the
 * environment first: upper case, dots and dashes as underscores, after BURROW_. Source: Burrow's main.go and
 * core/internal/helpers/sarama.go.
 */
export function accessesOfBurrow(burrow: Tree, env: StartedContainer['env']): readonly KafkaAccess[] {
  function setting(...path: readonly string[]): string {
    const name = `BURROW_${path.join('_').replaceAll(/[.-]/g, '_').toUpperCase()}`;
    const fromFile = path.reduce<unknown>(
      (here, step) => (typeof here === 'object' && here !== null ? tree(here)[step] : undefined),
      burrow,
    );
    return env[name] ?? (typeof fromFile === 'string' || fromFile === true ? String(fromFile) : '');
  }
  const modules = ['cluster', 'consumer'].flatMap((kind) => Object.values(tree(burrow[kind])));
  return modules.map((module) => {
    const profile = String(at(module, 'client-profile'));
    const [tls, sasl] = [
      setting('client-profile', profile, 'tls'),
      setting('client-profile', profile, 'sasl'),
    ];
    if (tls !== '' && setting('tls', tls, 'noverify') === 'true') throw new Error('does not verify');
    if (sasl !== '' && setting('sasl', sasl, 'handshake-first') !== 'true') throw new Error('no handshake');
    return {
      brokers: list(at(module, 'servers')).map(String),
      tls: tls === '' ? null : { authority: setting('tls', tls, 'cafile') || 'public' },
      login:
        sasl === ''
          ? null
          : {
              mechanism: setting('sasl', sasl, 'mechanism').toLowerCase(),
              username: setting('sasl', sasl, 'username'),
              password: setting('sasl', sasl, 'password'),
            },
    };
  });
}
