import { isIP } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

const ADDRESS = /^(tcp|udp|sctp):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([\d.]+)):(\d{1,5})$/;

/**
 * The names of the variables that Kubernetes or Docker have put into the environment for a Service or container whose
 * name begins like ours, such as `RAINBOW_HTTP_PORT=tcp://10.0.0.1:7099` for one named `rainbow-http`. None of it is
 * meant for us. Only what its value and the variables that come with it prove is counted, so that a mistake in the
 * name of a setting stays one.
 *
 * Source: Kubernetes, Service, environment variables; Docker, legacy container links.
 */
export function serviceLinks(environment: Environment): ReadonlySet<string> {
  const names = Object.keys(environment).filter((name) => name.startsWith('RAINBOW_'));
  const links = new Set<string>();
  for (const name of names) {
    if (name.endsWith('_PORT') && addressIn(environment[name]) !== null) links.add(name);
  }
  const isOfLink = (prefix: string): boolean =>
    links.has(`${prefix}_PORT`) ||
    (isIP(environment[`${prefix}_SERVICE_HOST`] ?? '') > 0 && isPort(environment[`${prefix}_SERVICE_PORT`]));
  for (const name of names) {
    if (companions(name, environment[name] ?? '').some(isOfLink)) links.add(name);
  }
  return links;
}

/** What this variable may belong to: the prefixes of links whose further variable it would be, as its value has it. */
function companions(name: string, text: string): readonly string[] {
  const prefixes: string[] = [];
  const add = (suffix: RegExp, isRight: boolean): void => {
    const match = isRight ? suffix.exec(name) : null;
    if (match !== null) prefixes.push(name.slice(0, match.index));
  };
  add(/_SERVICE_HOST$/, isIP(text) > 0);
  add(/_SERVICE_PORT(_[A-Z0-9_]+)?$/, isPort(text));
  const address = addressIn(text);
  if (address !== null) add(new RegExp(`_PORT_${address.port}_${address.protocol.toUpperCase()}$`), true);
  add(/_PORT_\d+_(TCP|UDP|SCTP)_PROTO$/, /^(tcp|udp|sctp)$/.test(text));
  add(/_PORT_\d+_(TCP|UDP|SCTP)_PORT$/, isPort(text));
  add(/_PORT_\d+_(TCP|UDP|SCTP)_ADDR$/, isIP(text) > 0);
  // Docker alone: the names of both containers, and the environment of the other.
  add(/_NAME$/, text.startsWith('/'));
  add(/_ENV_.+$/, true);
  return prefixes;
}

function addressIn(text: string | undefined): { readonly protocol: string; readonly port: string } | null {
  const [, protocol = '', v6 = '', v4 = '', port = ''] = ADDRESS.exec(text ?? '') ?? [];
  return isIP(v6) === 6 || isIP(v4) === 4 ? { protocol, port } : null;
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}
