import { RainbowError } from '../platform/rainbow-error.ts';

/** Where a Burrow server is, taken apart. */
export interface ServerAddress {
  /** `http://host:port` or `https://host:port`, without credentials. */
  readonly origin: string;
  /** Path of the base URL, encoded, without a trailing slash; empty for Burrow at the root. */
  readonly prefix: string;
  /** `host:port`, the port always given. */
  readonly hostAndPort: string;
  /** Credentials that the URL held, decoded; blank where it held none. */
  readonly username: string;
  readonly password: string;
}

/**
 * Takes a server's base URL apart. Throws BURROW_URL, whose message says what to change and never shows the URL itself,
 * since that may hold a password.
 */
export function parseServerAddress(text: string): ServerAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // Not kept as the cause: it carries the whole input.
    throw new RainbowError(
      'BURROW_URL',
      'the URL of a Burrow server is not a URL; write it as http://host:8000',
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new RainbowError('BURROW_URL', 'the URL of a Burrow server must begin with http:// or https://');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new RainbowError(
      'BURROW_URL',
      `the URL of the Burrow server ${url.host} must have no query and no fragment`,
    );
  }
  const port = url.port !== '' ? url.port : url.protocol === 'https:' ? '443' : '80';
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ''),
    hostAndPort: `${url.hostname}:${port}`,
    username: decoded(url.username),
    password: decoded(url.password),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a bare % that was meant as it stands
  }
}
