import type { Configuration, KafkaSasl } from './configuration.ts';
import type { Judge } from './judge.ts';
import { resolveSecret } from './resolve-secrets.ts';
import { isTlsSet, resolveTlsClient } from './resolve-tls.ts';
import type { Settings } from './schema.ts';

const MECHANISM = ['kafka', 'sasl', 'mechanism'];
const TLS_ENABLED = ['kafka', 'tls', 'enabled'];

/** What the Kafka sink needs. Reports what is missing or would be ignored. */
export function resolveKafka(judge: Judge, { kafka, sink, ledger }: Settings): Configuration['kafka'] {
  if (sink.type === 'kafka' && kafka.brokers.length === 0) {
    judge.report(
      ['kafka', 'brokers'],
      'must list at least one broker for sink kafka',
      'set kafka.brokers or RAINBOW_KAFKA_BROKERS, or try --sink stdout',
      ['sink', 'type'],
    );
  }
  if (kafka.transactions && sink.type === 'kafka' && !ledger.enabled) {
    judge.report(
      ['kafka', 'transactions'],
      'needs the ledger, which is a part of each transaction',
      'set ledger.enabled: true, or kafka.transactions: false',
      ['ledger', 'enabled'],
    );
  }
  const tls = resolveTlsClient(judge, ['kafka', 'tls'], kafka.tls);
  if (isTlsSet(kafka.tls) && !kafka.tls.enabled) {
    judge.report(
      TLS_ENABLED,
      'must be true where the rest of kafka.tls is set',
      'set kafka.tls.enabled: true',
    );
  }
  const { timeout, ...rest } = kafka;
  return {
    ...rest,
    timeoutMs: timeout,
    tls: kafka.tls.enabled ? tls : null,
    sasl: resolveSasl(judge, kafka),
  };
}

function resolveSasl(judge: Judge, { sasl, tls }: Settings['kafka']): KafkaSasl | null {
  const at = (key: string): string[] => ['kafka', 'sasl', key];
  const password = resolveSecret(judge, ['kafka', 'sasl', 'password'], sasl.password, sasl.passwordFile);
  const { mechanism, username, region } = sasl;
  const given = (['username', 'password', 'passwordFile', 'region'] as const).filter(
    (key) => sasl[key] !== undefined,
  );
  const refuse = (keys: readonly string[], name: string): void => {
    for (const key of given.filter((candidate) => keys.includes(candidate))) {
      judge.report(
        at(key),
        `is not used by mechanism ${name}`,
        'remove it, or change kafka.sasl.mechanism',
        MECHANISM,
      );
    }
  };
  switch (mechanism) {
    case undefined:
      if (given.length > 0) {
        const rule = `must be set where kafka.sasl.${given.join(', ')} is`;
        judge.report(MECHANISM, rule, 'plain, scram-sha-256, scram-sha-512 or aws-msk-iam');
      }
      return null;
    case 'aws-msk-iam':
      refuse(['username', 'password', 'passwordFile'], mechanism);
      if (region === undefined) {
        judge.report(
          at('region'),
          `must be set for mechanism ${mechanism}`,
          'such as kafka.sasl.region: us-east-1',
          MECHANISM,
        );
      }
      if (!tls.enabled) {
        judge.report(
          TLS_ENABLED,
          `must be true for mechanism ${mechanism}`,
          'set kafka.tls.enabled: true',
          MECHANISM,
        );
      }
      return region === undefined ? null : { mechanism, region };
    default:
      refuse(['region'], mechanism);
      if (username === undefined) {
        judge.report(
          at('username'),
          `must be set for mechanism ${mechanism}`,
          'set kafka.sasl.username',
          MECHANISM,
        );
      }
      if (password === undefined && sasl.passwordFile === undefined) {
        judge.report(
          at('password'),
          `must be set for mechanism ${mechanism}`,
          'set kafka.sasl.passwordFile or RAINBOW_KAFKA_SASL_PASSWORD',
          MECHANISM,
        );
      }
      return username === undefined || password === undefined ? null : { mechanism, username, password };
  }
}
