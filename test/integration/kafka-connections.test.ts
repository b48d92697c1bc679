import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Admin, Kafka } from 'kafkajs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { checkKafka } from '../../src/kafka/check-kafka.ts';
import { createTokenSource } from '../../src/kafka/login/oauth-token.ts';
import { byKey, connect, forever, linesByKey, manySamples, startSink } from '../kafka/real-brokers.ts';
import { createReport } from '../sinks/report.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { loopbackHasIPv6 } from '../support/ipv6.ts';

const hasIPv6 = await loopbackHasIPv6('Kafka over IPv6');

/** A token endpoint that signs nothing; `given` is the number of tokens so far. */
async function startTokenEndpoint(next: () => { readonly lifetimeSeconds: number } | null) {
  let count = 0;
  const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      count += 1;
      const token = next();
      if (token === null) {
        response.writeHead(503).end();
        return;
      }
      const { lifetimeSeconds } = token;
      const iat = Math.floor(Date.now() / 1000) + Math.min(0, lifetimeSeconds * 2);
      const claims = { sub: 'rainbow', iat, exp: iat + Math.abs(lifetimeSeconds), jti: count };
      const signed = `${base64({ alg: 'none' })}.${base64(claims)}.`;
      response.end(
        JSON.stringify({ access_token: signed, token_type: 'bearer', expires_in: Math.abs(lifetimeSeconds) }),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const tokens = createTokenSource(
    { monotonicMs: () => performance.now() },
    {
      tokenEndpoint: `http://127.0.0.1:${port}/token`,
      clientId: 'rainbow',
      clientSecret: 'of nobody',
      timeoutMs: 20_000,
    },
  );
  return { tokens, given: () => count };
}

describe.skipIf(!stackIsPossible())('given a real broker', () => {
  let cluster: KafkaCluster;
  let kafka: Kafka;
  let admin: Admin;
  beforeAll(async () => {
    cluster = await startKafka({
      listeners: { OAUTH: 'SASL_PLAINTEXT', ...(hasIPv6 && { SIX: 'PLAINTEXT' as const }) },
      hosts: hasIPv6 ? { SIX: '[::1]' } : {},
      properties: {
        'sasl.enabled.mechanisms': 'OAUTHBEARER',
        // Takes tokens that nobody has signed, and wants one again every 12 s; kafkajs gives it 10 s before.
        'listener.name.oauth.oauthbearer.sasl.server.callback.handler.class':
          'org.apache.kafka.common.security.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler',
        'listener.name.oauth.oauthbearer.sasl.jaas.config':
          'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
        'listener.name.oauth.oauthbearer.connections.max.reauth.ms': '12000',
      },
    });
    ({ kafka, admin } = connect(cluster));
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await cluster.stop();
  });

  async function deliver(topic: string, how: Omit<Parameters<typeof startSink>[0], 'topic'>): Promise<void> {
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
    const sink = await startSink({ topic, ...how });
    const samples = manySamples(100);
    const { report, acknowledged } = createReport();
    await sink.deliver(samples, report, forever);
    expect(acknowledged).toHaveLength(samples.length);
    expect(await linesByKey(kafka, admin, topic)).toEqual(byKey(samples));
  }

  test.skipIf(!hasIPv6)(
    'when it listens on ::1 and says so to its clients, then records arrive there',
    async () => {
      await deliver('over-ipv6', { brokers: cluster.servers('SIX') });
    },
  );

  test('when it wants tokens, then they are got from an endpoint, and others before they expire', async () => {
    const { tokens, given } = await startTokenEndpoint(() => ({ lifetimeSeconds: 24 }));
    const brokers = cluster.servers('OAUTH');
    const sasl = { mechanism: 'oauthbearer', tokens } as const;
    await deliver('with-tokens', { brokers, sasl });
    const sink = await startSink({ topic: 'with-tokens', brokers, sasl });
    const { report, acknowledged } = createReport();
    let sent = 0;
    await pollUntil(
      async () => {
        const samples = manySamples(10, 10 + sent++);
        await sink.deliver(samples, report, forever);
        return given() >= 2 ? true : undefined;
      },
      { what: 'a second token', withinMs: 60_000 },
    );
    expect(acknowledged).toHaveLength(sent * 10);
  });

  test('when the endpoint fails, then that and nothing else is told, until it gives a token', async () => {
    let isUp = false;
    const { tokens, given } = await startTokenEndpoint(() => (isUp ? { lifetimeSeconds: 600 } : null));
    await admin.createTopics({ topics: [{ topic: 'no-endpoint' }], waitForLeaders: true });
    const told = new Set<string>();
    const sasl = { mechanism: 'oauthbearer', tokens } as const;
    const sink = await startSink({ topic: 'no-endpoint', brokers: cluster.servers('OAUTH'), sasl });
    const { report, acknowledged } = createReport();
    const delivered = sink.deliver(manySamples(10), report, forever);
    await pollUntil(
      () => {
        const condition = sink.condition();
        if (condition.state === 'faulty') told.add(condition.reason);
        return given() >= 5 ? true : undefined;
      },
      { what: 'five attempts', withinMs: 60_000, everyMs: 20 },
    );
    isUp = true;
    await delivered;
    expect(acknowledged).toHaveLength(10);
    expect([...told]).toEqual([expect.stringMatching(/^the token endpoint \S+ gives no token \(503\)/)]);
  });

  test('when it refuses the token, then that is told, until the endpoint gives a better one', async () => {
    let lifetimeSeconds = -60;
    const { tokens } = await startTokenEndpoint(() => ({ lifetimeSeconds }));
    await admin.createTopics({ topics: [{ topic: 'refused' }], waitForLeaders: true });
    const sasl = { mechanism: 'oauthbearer', tokens } as const;
    const sink = await startSink({ topic: 'refused', brokers: cluster.servers('OAUTH'), sasl });
    const { report, acknowledged } = createReport();
    const delivered = sink.deliver(manySamples(10), report, forever);
    await pollUntil(() => (sink.condition().state === 'ok' ? undefined : true), {
      what: 'a fault to be told',
      withinMs: 30_000,
    });
    expect(JSON.stringify(sink.condition())).toContain('the brokers refused the token (invalid_token)');
    lifetimeSeconds = 600;
    await delivered;
    expect(acknowledged).toHaveLength(10);
  });

  test.skipIf(!hasIPv6)('when that is checked, then it is the one broker of its cluster', async () => {
    const [broker = ''] = cluster.servers('SIX');
    await admin.createTopics({ topics: [{ topic: 'checked' }], waitForLeaders: true });
    const deps = { clock: systemClock, log: pino({ level: 'silent' }), asking: () => undefined };
    const options = { topic: 'checked', clientId: 'check', compression: 'none', linesPerMessage: 1 } as const;
    const findings = [];
    for await (const finding of checkKafka(deps, { ...options, brokers: [broker] }, forever)) {
      findings.push(finding);
    }
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
    expect(findings.filter(({ subject }) => subject.startsWith('broker '))).toEqual([
      { verdict: 'ok', subject: `broker ${broker}`, message: 'answers; brokers in its cluster: 1' },
    ]);
  });
});
