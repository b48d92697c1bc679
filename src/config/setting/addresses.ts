import { isIPv6 } from 'node:net';

import { z } from 'zod';

import { settingNotes } from './setting.ts';

const HOST = /^[A-Za-z0-9._-]+$/;

/**
 * `host:port`. An IPv6 address stands in brackets, and gets them where it has none; without them it is taken only where
 * it cannot be read in two ways.
 *
 * @param like an address as it may be written, for the messages
 */
function hostPort(like: string, severalHint: string) {
  const [, likePort = ''] = like.split(':');
  const rule = `must be host:port, such as ${like} or [2001:db8::1]:${likePort}`;
  return z.string({ error: rule }).transform((given, context) => {
    const [, host = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(given) ?? [];
    const port = Number(digits);
    const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
    const isWhole = !isIPv6(given) && (isIPv6(address) || (host === address && HOST.test(host)));
    if (isWhole && port >= 1 && port <= 65_535) return isIPv6(address) ? `[${address}]:${port}` : given;
    context.addIssue({
      code: 'custom',
      message: rule,
      params: { hint: hostPortHint(given, likePort) ?? (given.includes(',') ? severalHint : undefined) },
    });
    return z.NEVER;
  });
}

function hostPortHint(given: string, likePort: string): string | undefined {
  const address = /^\[(.*)\]$/.exec(given)?.[1] ?? given;
  if (isIPv6(address)) {
    const [, front = '', port = ''] = /^(.*):(\d{1,5})$/.exec(given) ?? [];
    const either =
      isIPv6(front) && Number(port) > 0 ? `[${front}]:${port} if ${port} is the port, else ` : '';
    return `put the address in brackets, and the port after it: ${either}[${address}]:${likePort}`;
  }
  const bare = given.replace(/^[A-Za-z_]+:\/\//, '');
  if (bare !== given) return 'leave out the part before and with ://';
  if (HOST.test(given)) return `add the port: ${given}:${likePort}`;
  return undefined;
}

/** One `host:port`. */
export function address(options: { default: string; description: string }) {
  return hostPort(options.default, 'give one address only').prefault(options.default).register(settingNotes, {
    kind: 'text',
    type: 'host:port',
    description: options.description,
    default: options.default,
  });
}

/** Several `host:port`, none by default. */
export function addresses(options: {
  /** One of them, and what it is the address of, for the messages. */
  like: string;
  each: string;
  description: string;
}) {
  return z
    .array(hostPort(options.like, `write each ${options.each} as its own item of the list`), {
      error: 'must be a list of host:port',
    })
    .prefault([])
    .register(settingNotes, {
      kind: 'list',
      type: 'list of host:port',
      description: options.description,
      default: '[]',
    });
}

/** The address of something over HTTP that may be left out; '' counts as left out. */
export function optionalUrl(options: { description: string }) {
  const rule = 'must be an http or https URL without credentials';
  return z
    .string({ error: rule })
    .transform((given, context) => {
      if (given === '') return undefined;
      const url = URL.canParse(given) ? new URL(given) : null;
      const isHttp = url !== null && ['http:', 'https:'].includes(url.protocol);
      if (isHttp && url.username === '' && url.password === '' && url.hash === '') return url.href;
      context.addIssue({ code: 'custom', message: rule, params: {} });
      return z.NEVER;
    })
    .optional()
    .register(settingNotes, { kind: 'url', type: 'URL', description: options.description, default: '' });
}
