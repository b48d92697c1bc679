import type { Configuration } from './configuration.ts';
import type { Judge } from './judge.ts';
import { resolveSasl } from './resolve-sasl.ts';
import { isTlsSet, resolveTlsClient } from './resolve-tls.ts';
import type { Settings } from './schema.ts';

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
