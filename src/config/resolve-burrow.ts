import type { BurrowServer } from './configuration.ts';
import type { Judge } from './setting/judge.ts';
import { resolveSecret } from './setting/resolve-secrets.ts';
import { isTlsSet, resolveTlsClient } from './setting/resolve-tls.ts';
import type { Settings } from './schema.ts';

type GivenServer = Settings['burrow']['servers'][number];

/** The Burrow servers with their names and credentials. Reports names that are the same, and credentials in halves. */
export function resolveServers(judge: Judge, given: Settings['burrow']['servers']): BurrowServer[] {
  const servers = given.map((server, index) => resolveServer(judge, server, index));
  const seen = new Map<string, number>();
  servers.forEach(({ name }, index) => {
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else {
      judge.report(
        ['burrow', 'servers', index],
        `has the same name as burrow.servers[${first}]: ${name}`,
        'remove it, or give each a name of its own',
      );
    }
  });
  return servers;
}

function resolveServer(judge: Judge, given: GivenServer, index: number): BurrowServer {
  const path = ['burrow', 'servers', index] as const;
  const { url, hostPort } = given.url;
  const secret = resolveSecret(judge, [...path, 'password'], given.password, given.passwordFile);
  const hasOwn =
    given.username !== undefined || given.password !== undefined || given.passwordFile !== undefined;
  if (hasOwn && (given.url.username !== null || given.url.password !== null)) {
    judge.report(
      [...path, 'url'],
      'must not hold credentials beside username and password',
      'remove them from the URL',
    );
  }
  const username = given.username ?? given.url.username ?? undefined;
  const password = secret ?? given.url.password ?? undefined;
  const hasPassword = password !== undefined || given.passwordFile !== undefined;
  if (username !== undefined && !hasPassword) {
    const at = given.username === undefined ? 'url' : 'username';
    judge.report([...path, at], 'has a user but no password', 'set passwordFile (or password) too');
  }
  if (username === undefined && hasPassword) {
    judge.report(path, 'has a password but no user', 'set username too');
  }
  const tls =
    given.tls !== undefined && isTlsSet(given.tls)
      ? resolveTlsClient(judge, [...path, 'tls'], given.tls)
      : null;
  if (tls !== null && !url.startsWith('https:')) {
    judge.report(
      [...path, 'url'],
      'must begin with https:// where tls is set',
      'change the URL or remove tls',
    );
  }
  return {
    url,
    name: given.name ?? hostPort,
    ...(username !== undefined && password !== undefined && { username, password }),
    ...(given.clusters !== undefined && { clusters: given.clusters }),
    ...(tls !== null && { tls }),
  };
}
