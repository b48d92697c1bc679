import { isIPv6 } from 'node:net';

/**
 * kafkajs 2.2.4 takes what stands before the first colon of a broker's text for its host, and hands that to our socket
 * factory as it is. So an IPv6 address goes through it with dashes for its colons, in the brackets that no host name
 * has, and is made whole again on the other side. Brokers that the cluster itself names come without brackets, and
 * with their colons. Should kafkajs learn to read addresses, then those of `brokers` must go to it as they stand:
 * `broker-address.test.ts` connects to one, and would fail.
 */
export function toKafkajs(broker: string): string {
  return broker.replace(
    /^\[([^\]]+)\](?=:\d+$)/,
    (_, address: string) => `[${address.replaceAll(':', '-')}]`,
  );
}

/** The host that kafkajs means: a name or an address without brackets. */
export function hostOf(kafkajsHost: string): string {
  const [, address, zone = ''] = /^\[([0-9A-Fa-f.-]+)(%[^\]]+)?\]$/.exec(kafkajsHost) ?? [];
  return address === undefined ? kafkajsHost : address.replaceAll('-', ':') + zone;
}

/** `host:port`, with brackets around an IPv6 address. */
export function showBroker(host: string, port: number | string): string {
  const plain = hostOf(host);
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`;
}

/** What kafkajs calls a broker in its events and errors, as {@link showBroker} has it. */
export function showKafkajsBroker(broker: string): string {
  const colon = broker.lastIndexOf(':');
  return colon < 0 ? broker : showBroker(broker.slice(0, colon), broker.slice(colon + 1));
}

/** A message of kafkajs with its addresses made whole. */
export function restoreAddresses(text: string): string {
  return text.replace(
    /\[[0-9A-Fa-f.]*-[0-9A-Fa-f.-]{0,45}(?:%[\w.-]{1,20})?\](?=:\d)/g,
    (host) => `[${hostOf(host)}]`,
  );
}
