import { tlsClientOptions, readTlsFiles } from '../../config/setting/tls-options.ts';
import { checkKafka } from '../../kafka/check-kafka.ts';
import type { KafkaAccess, KafkaSasl, KafkaSinkOptions } from '../../kafka/kafka-options.ts';
import { createTokenSource } from '../../kafka/login/oauth-token.ts';
import { createKafkaClient, readsCommittedOnly } from '../../kafka/kafka-client.ts';
import { createTransactionalProducer } from '../../kafka/transactional-producer.ts';
import { checkLedgerTopic, ensureLedgerTopic } from '../../ledger/kafka/ledger-topic.ts';
import type { Finding } from '../../platform/finding.ts';
import type {
  CheckDeps,
  Destination,
  LedgerInTransactions,
  SinkDeps,
  TransactionalSink,
} from '../sink-kind.ts';
import type { KafkaConfiguration } from './kafka-settings.ts';
import { createKafkaSink } from './kafka-sink.ts';
import { createTransactionalKafkaSink } from './transactional-kafka-sink.ts';

interface Given {
  readonly kafka: KafkaConfiguration;
}

/** How long a token endpoint may take at most. */
const MOST_TOKEN_TIMEOUT_MS = 10_000;

/** How to reach Kafka. Reads the TLS files that are named. */
export function kafkaSinkOptions({ kafka }: Given): KafkaSinkOptions {
  return {
    ...kafka,
    tls: kafka.tls === null ? undefined : tlsClientOptions(kafka.tls),
    sasl: kafka.sasl === null ? undefined : kafkaSasl(kafka.sasl, kafka.timeoutMs),
  };
}

function kafkaSasl(sasl: NonNullable<KafkaConfiguration['sasl']>, timeoutMs: number): KafkaSasl {
  if (sasl.mechanism !== 'oauthbearer') return sasl;
  const { mechanism, tokenEndpointCaFile, ...client } = sasl;
  const { ca } = readTlsFiles({ ...(tokenEndpointCaFile !== undefined && { caFile: tokenEndpointCaFile }) });
  const tokens = createTokenSource(
    { monotonicMs: () => performance.now() },
    { ...client, ca, timeoutMs: Math.min(timeoutMs, MOST_TOKEN_TIMEOUT_MS) },
  );
  return { mechanism, tokens };
}

/** See {@link Destination}. The ledger in Kafka uses the same access as the sink. */
export function create(configuration: Given, deps: SinkDeps): Destination<Given> {
  const options = kafkaSinkOptions(configuration);
  let access: KafkaAccess = options;
  const kafka: KafkaSinkOptions = { ...options, access: () => access };
  return {
    kafka,
    createSink: () => createKafkaSink(deps, kafka),
    ...(configuration.kafka.transactions && {
      createTransactionalSink: (ledger: LedgerInTransactions) => createTransactional(deps, kafka, ledger),
    }),
    prepare(next) {
      const nextAccess = kafkaSinkOptions(next);
      return () => {
        access = nextAccess;
      };
    },
  };
}

function createTransactional(
  deps: SinkDeps,
  options: KafkaSinkOptions,
  { writer, ledger, ledgerTopic, source, markKey }: LedgerInTransactions,
): TransactionalSink {
  const transactionalId = `${options.clientId}-${source}`;
  const client = createKafkaClient(deps, options);
  return createTransactionalKafkaSink(
    {
      ...deps,
      writer,
      createProducer() {
        const producer = createTransactionalProducer(client, { ...options, transactionalId });
        return {
          ...producer,
          async connect() {
            await ensureLedgerTopic(client, deps, { topic: ledgerTopic, recordsTopic: options.topic });
            await producer.connect();
          },
        };
      },
      formerMark: (signal) => ledger.readOnce(signal),
      readLedger: async (signal) => (await ledger.readNow(signal)).entries,
      readsCommittedOnly,
    },
    { ...options, ledgerTopic, transactionalId, markKey },
  );
}

/** Reaches the brokers, and looks at the topic and at that of the ledger. */
export async function* check(
  configuration: Given & { readonly ledger: { readonly topic: string } },
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const options = kafkaSinkOptions(configuration);
  let isReached = false;
  for await (const finding of checkKafka(deps, options, signal)) {
    yield finding;
    isReached ||= finding.verdict === 'ok' && finding.subject.startsWith('broker ');
  }
  const { topic } = configuration.ledger;
  if (topic === '' || !isReached) return;
  deps.asking(`ledger topic ${topic}`);
  yield await checkLedgerTopic(deps, { ...options, topic, recordsTopic: options.topic }, signal);
}
