import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.ts';
import {
  hostOf,
  restoreAddresses,
  showBroker,
  showKafkajsBroker,
  toKafkajs,
} from '../../../src/kafka/connection/broker-address.ts';
import { createKafkaClient } from '../../../src/kafka/kafka-client.ts';
import { explainKafkaError } from '../../../src/kafka/faults/kafka-fault.ts';
import { loopbackHasIPv6 } from '../../support/ipv6.ts';

/** How kafkajs 2.2.4 takes a broker apart. */
const cut = (broker: string): [host: string, port: string] => {
  const [host = '', port = ''] = broker.split(':');
  return [host, port];
};
import { kafkaError } from '../fake-brokers.ts';

describe('given brokers', () => {
  test('when the address is any of IPv6, then it comes through kafkajs as it was', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.constantFrom('', '%eth0', '%en-1'), fc.nat(65_535), (address, zone, port) => {
        const [host, digits] = cut(toKafkajs(`[${address}${zone}]:${port}`));
        expect([hostOf(host), digits]).toEqual([address + zone, String(port)]);
        expect(showBroker(host, port)).toBe(`[${address}${zone}]:${port}`);
        expect(showKafkajsBroker(`${host}:${port}`)).toBe(`[${address}${zone}]:${port}`);
        // As the cluster names it.
        expect(showKafkajsBroker(`${address}${zone}:${port}`)).toBe(`[${address}${zone}]:${port}`);
        expect(restoreAddresses(`no ${host}:${port} today`)).toBe(`no [${address}${zone}]:${port} today`);
      }),
    );
  });

  test.each(['kafka-1:9092', '10.0.0.1:9092', 'a-b.c_d:1'])('when one is %s, then it stays so', (broker) => {
    const [host, port] = cut(broker);
    expect([toKafkajs(broker), hostOf(host), showBroker(host, port), showKafkajsBroker(broker)]).toEqual([
      broker,
      host,
      broker,
      broker,
    ]);
    expect(restoreAddresses(`in [a-list-of] ${broker}`)).toBe(`in [a-list-of] ${broker}`);
  });

  test('when a client of one at an IPv6 address fails, then that is named as it was written', () => {
    const facts = { code: 'ECONNREFUSED', broker: '[--1]:9092' };
    const said = 'Connection error: connect ECONNREFUSED [--1]:9092';
    const error = kafkaError('KafkaJSConnectionError', facts, said);
    const told = (brokers: string[]): string => explainKafkaError(error, { brokers, topic: 't' }).reason;
    expect(told(['[::1]:9092'])).toContain('no broker can be reached at [::1]:9092 (ECONNREFUSED)');
    expect(told(['a:1', '[::1]:9092'])).toContain('broker [::1]:9092 cannot be reached');
    expect(explainKafkaError(new Error('odd [--1]:9092'), { brokers: [], topic: 't' }).reason).toContain(
      'odd [::1]:9092',
    );
  });
});

describe.skipIf(!(await loopbackHasIPv6('Kafka over IPv6')))('given a broker that listens on ::1', () => {
  test('when a client is told of it, then it connects, and says who is silent', async () => {
    const received: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined).on('data', (bytes: Buffer) => received.push(bytes)));
    });
    server.listen(0, '::1');
    await once(server, 'listening');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const broker = `[::1]:${(server.address() as AddressInfo).port}`;
    const admin = createKafkaClient(
      { clock: systemClock, log: pino({ level: 'silent' }) },
      { brokers: [broker], clientId: 'over the sixth', timeoutMs: 1000 },
    ).admin();
    const error: unknown = await admin.connect().catch((reason: unknown) => reason);
    await admin.disconnect();
    expect(Buffer.concat(received).toString('latin1')).toContain('over the sixth');
    // Silent at first, and then not asked again for a while.
    expect(explainKafkaError(error, { brokers: [broker], topic: 't' }).reason).toContain(broker);
  });
});
