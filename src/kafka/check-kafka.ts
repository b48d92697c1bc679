import type { Admin, Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { abortable } from '../platform/abortable.ts';
import { found, type Finding } from '../platform/finding.ts';
import { showBroker } from './connection/broker-address.ts';
import { readSettings } from './kafka-admin.ts';
import { createKafkaClient } from './kafka-client.ts';
import { loadCodec } from './messages/kafka-codec.ts';
import { explainKafkaError, hasErrorType } from './faults/kafka-fault.ts';
import type { KafkaSinkOptions } from './kafka-options.ts';

/**
 * Looks at everything that the Kafka sink will need, and changes nothing: the compression, each broker of the list
 * and each that those advertise, the right to write idempotently, and the topic with its limits. Never rejects; what
 * is unknown when the signal aborts is a finding too. Findings come as they are made, faulty brokers after the others.
 */
export async function* checkKafka(
  deps: {
    readonly clock: Clock;
    readonly log: Logger;
    /** What is asked now, and may take its time. */
    readonly asking: (what: string) => void;
  },
  options: KafkaSinkOptions,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const compression = `compression ${options.compression}`;
  yield await loadCodec(options.compression).then(
    () => found('ok', compression, 'is available'),
    (error: unknown) => found('fail', compression, error instanceof Error ? error.message : String(error)),
  );
  const reached: string[] = [];
  const advertised = new Set<string>();
  const faulty: { readonly broker: string; readonly finding: Finding }[] = [];
  yield* checkBrokers(options.brokers);
  yield* checkBrokers([...advertised].filter((broker) => !options.brokers.includes(broker)));
  for (const { broker, finding } of faulty) {
    // One that its cluster does not count among its members is not needed where another answers.
    const isSpare = reached.length > 0 && !advertised.has(broker);
    yield isSpare
      ? found('warn', finding.subject, `${finding.message}; the others are enough to begin with`)
      : finding;
  }
  if (reached.length === 0) return;
  const kafka = createKafkaClient(deps, { ...options, brokers: reached });
  deps.asking('idempotent writing');
  yield checkProducer(kafka);
  deps.asking(`topic ${options.topic}`);
  yield* await checkTopic(kafka);

  async function* checkBrokers(brokers: readonly string[]): AsyncGenerator<Finding> {
    const open = new Set(brokers);
    const ask = (): void => deps.asking(`${open.size === 1 ? 'broker' : 'brokers'} ${[...open].join(', ')}`);
    if (open.size > 0) ask();
    for await (const { broker, advertises, finding } of asTheyCome(brokers.map(checkBroker))) {
      open.delete(broker);
      for (const each of advertises) advertised.add(each);
      if (finding.verdict === 'ok') {
        reached.push(broker);
        yield finding;
      } else faulty.push({ broker, finding });
      if (open.size > 0) ask();
    }
  }

  function explain(error: unknown, brokers: readonly string[]): string {
    if (signal.aborted)
      return `no answer in time from ${brokers.join(', ')}: check kafka.brokers and the network`;
    return explainKafkaError(error, { brokers, topic: options.topic }).reason;
  }

  async function checkBroker(broker: string) {
    const client = createKafkaClient(deps, { ...options, brokers: [broker] });
    const subject = `broker ${broker}`;
    return withAdmin(client, async (admin) => {
      const cluster = await admin.describeCluster();
      const advertises = cluster.brokers.map(({ host, port }) => showBroker(host, port));
      return {
        broker,
        advertises,
        finding: found('ok', subject, `answers; brokers in its cluster: ${advertises.length}`),
      };
    }).catch((error: unknown) => {
      return { broker, advertises: [], finding: found('fail', subject, explain(error, [broker])) };
    });
  }

  async function checkProducer(kafka: Kafka): Promise<Finding> {
    const producer = kafka.producer({
      idempotent: true,
      retry: { retries: Number.NaN },
      createPartitioner: () => () => 0,
    });
    try {
      await abortable(producer.connect(), signal);
      return found('ok', 'idempotent writing', 'is allowed');
    } catch (error) {
      return found('fail', 'idempotent writing', explain(error, options.brokers));
    } finally {
      leave(producer.disconnect());
    }
  }

  async function checkTopic(kafka: Kafka): Promise<Finding[]> {
    const { topic } = options;
    const subject = `topic ${topic}`;
    return withAdmin(kafka, async (admin) => {
      const { topics } = await admin
        .listTopics()
        .then((names) =>
          names.includes(topic) ? admin.fetchTopicMetadata({ topics: [topic] }) : { topics: [] },
        );
      const partitions = topics[0]?.partitions;
      if (partitions === undefined) return [await missingTopic(admin, topic)];
      const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
      const behind = partitions.filter(({ isr, replicas: all }) => isr.length < all.length).length;
      const lacking = behind === 0 ? '' : `; ${behind} of them lack replicas at the moment`;
      const exists = found(
        'ok',
        subject,
        `exists: ${partitions.length} partitions, replication ${replicas}${lacking}`,
      );
      return [exists, ...(await batchLimit(admin, topic))];
    }).catch((error: unknown) => [found('fail', subject, explain(error, options.brokers))]);
  }

  async function withAdmin<T>(kafka: Kafka, look: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafka.admin();
    try {
      await abortable(admin.connect(), signal);
      return await abortable(look(admin), signal);
    } finally {
      leave(admin.disconnect());
    }
  }
}

/** Whether `run` may create it, as far as can be known without creating it. Asking for the brokers' settings may be forbidden. */
async function missingTopic(admin: Admin, topic: string): Promise<Finding> {
  const subject = `topic ${topic}`;
  const answer = await tryToCreate(admin, topic);
  if (answer === 'exists') {
    return found('fail', subject, 'exists, but this user cannot see it: grant it Describe and Write on it');
  }
  const { brokers } = await admin.describeCluster();
  const settings = await readSettings(admin, { broker: String(brokers[0]?.nodeId ?? '') }, [
    'auto.create.topics.enable',
    'num.partitions',
    'default.replication.factor',
  ]);
  const isAutomatic = settings.get('auto.create.topics.enable');
  if (isAutomatic === 'false') {
    const message =
      'does not exist, and these brokers create none by themselves (auto.create.topics.enable=false): create it';
    return found('fail', subject, message);
  }
  if (answer === 'forbidden') {
    const message =
      'does not exist, or this user may not see it, and it may not create it: create it, and grant this user ' +
      'Describe and Write on it';
    return found('fail', subject, message);
  }
  if (answer !== 'possible')
    return found('fail', subject, `does not exist, and cannot be created: ${answer}`);
  if (isAutomatic === undefined) {
    const message =
      'does not exist; whether the brokers create it by themselves is not known, because this user may not read their ' +
      'settings: create it';
    return found('warn', subject, message);
  }
  const partitions = settings.get('num.partitions') ?? '?';
  const replicas = settings.get('default.replication.factor') ?? '?';
  const message =
    `does not exist yet: run makes the brokers create it at the first record, with num.partitions=${partitions} and ` +
    `default.replication.factor=${replicas}; create it yourself to choose others`;
  return found('warn', subject, message);
}

/** What the brokers would say to a request to create the topic, which they only validate; a reason where it is another one. */
async function tryToCreate(admin: Admin, topic: string): Promise<string> {
  try {
    const isNew = await admin.createTopics({
      topics: [{ topic, numPartitions: 1, replicationFactor: 1 }],
      validateOnly: true,
      waitForLeaders: false,
    });
    return isNew ? 'possible' : 'exists';
  } catch (error) {
    const [refusal] = error instanceof Error && 'errors' in error ? (error.errors as readonly unknown[]) : [];
    const isForbidden = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'].some((type) =>
      hasErrorType(refusal ?? error, type),
    );
    if (isForbidden) return 'forbidden';
    // One that wants more replicas or other settings lets the brokers create theirs.
    if (hasErrorType(refusal ?? error, 'POLICY_VIOLATION')) return 'possible';
    return explainKafkaError(refusal ?? error, { brokers: [], topic }).reason;
  }
}

/** Records are sent in batches of at most 0.9 MB and made smaller on demand, so only a tiny limit stops them. */
const leastBatchBytes = 10_000;

async function batchLimit(admin: Admin, topic: string): Promise<Finding[]> {
  const settings = await readSettings(admin, { topic }, ['max.message.bytes']);
  const value = settings.get('max.message.bytes');
  if (value === undefined) return [];
  const subject = `max.message.bytes of topic ${topic}`;
  return Number(value) >= leastBatchBytes
    ? [found('ok', subject, `is ${value}`)]
    : [
        found(
          'fail',
          subject,
          `is ${value}, which long lines exceed: raise it to ${leastBatchBytes} or more`,
        ),
      ];
}

/** Disconnecting may take long with a broker that does not answer; nothing depends on it. */
function leave(disconnecting: Promise<void>): void {
  disconnecting.catch(() => undefined);
}

/** What promises resolve to, in the order in which they do. Rejects with the first that does. */
async function* asTheyCome<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  const left = new Map(
    promises.map((promise, index) => [index, promise.then((value) => ({ index, value }))]),
  );
  while (left.size > 0) {
    const { index, value } = await Promise.race(left.values());
    left.delete(index);
    yield value;
  }
}
