import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { freePorts } from './free-port.ts';
import { javaArguments } from './java.ts';
import { fetchKafka, KAFKA_4 } from './kafka-jars.ts';
import { kafkaProperties } from './kafka-properties.ts';
import { formatStorage } from './kafka-storage.ts';
import { pollUntil } from './poll-until.ts';
import { createServerProcess, type ServerProcess } from './server-process.ts';

export type SecurityProtocol = 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';

export interface KafkaOptions {
  /** Default: 1. Three or more survive the loss of one. */
  readonly brokers?: number;
  /** Default: {@link KAFKA_4}. */
  readonly version?: string;
  /** Default: false. */
  readonly autoCreateTopics?: boolean;
  /** Listeners beside the plain one, by name, such as `{ SECURE: 'SASL_PLAINTEXT' }`. */
  readonly listeners?: Readonly<Record<string, SecurityProtocol>>;
  /** Ports to advertise for listeners rather than their own, such as that of a line which leads there; one broker only. */
  readonly advertisedPorts?: Readonly<Record<string, number>>;
  /** Addresses of listeners that are not on 127.0.0.1, by name, such as `{ SIX: '[::1]' }`. */
  readonly hosts?: Readonly<Record<string, string>>;
  /** Lines for `server.properties`, over the defaults in `kafka-properties.ts`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** More arguments for `kafka.tools.StorageTool format`, such as `--add-scram` and a user. KRaft only. */
  readonly formatArguments?: readonly string[];
  /** `host:port` of a ZooKeeper to use rather than KRaft. Kafka 3 only. */
  readonly zookeeper?: string;
  /** Default: 384. */
  readonly heapMegabytes?: number;
}

export interface KafkaBroker extends ServerProcess {
  /** The broker's node id, from 1. */
  readonly id: number;
  /** Of the plain listener, on 127.0.0.1. Stays the same over restarts. */
  readonly port: number;
}

export interface KafkaCluster {
  readonly version: string;
  /** `127.0.0.1:port` of every broker's plain listener. */
  readonly bootstrapServers: readonly string[];
  readonly brokers: readonly KafkaBroker[];
  /** `host:port` of every broker for a listener of {@link KafkaOptions.listeners}. */
  servers(listener: string): readonly string[];
  /** What the first broker wrote in its log about itself, such as `4.1.1`. */
  reportedVersion(): Promise<string>;
  /** Ends all brokers at once and removes their data. */
  stop(): Promise<void>;
}

const STARTING_MS = 90_000;

/**
 * Starts an Apache Kafka cluster on free loopback ports with empty data directories; in KRaft mode brokers are
 * controllers too. Resolves when every broker has joined and consumer groups can commit.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const version = options.version ?? KAFKA_4;
  const classPath = await fetchKafka(version);
  const hasIPv6 = Object.values(options.hosts ?? {}).some((host) => host.startsWith('['));
  const jvm = [
    ...javaArguments(classPath, options.heapMegabytes ?? 384, [
      'org.apache.kafka.common.utils.AppInfoParser',
    ]),
    // The later one counts.
    ...(hasIPv6 ? ['-Djava.net.preferIPv4Stack=false'] : []),
  ];
  const directory = await mkdtemp(join(tmpdir(), `rainbow-kafka-${version}-`));
  const listeners = { PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'PLAINTEXT', ...options.listeners };
  const ids = Array.from({ length: options.brokers ?? 1 }, (_, index) => index + 1);
  const port = await portsFor(ids, Object.keys(listeners));
  const host = (listener: string): string => options.hosts?.[listener] ?? '127.0.0.1';
  const servers = (listener: string): readonly string[] =>
    ids.map((id) => `${host(listener)}:${port(id, listener)}`);
  // An even number of voters survives no more losses than the odd number below it.
  const voters = options.zookeeper === undefined ? ids.slice(0, ids.length - ((ids.length + 1) % 2)) : [];
  const clusterId = randomBytes(16).toString('base64url');

  async function createBroker(id: number): Promise<KafkaBroker> {
    const home = join(directory, `broker-${id}`);
    await mkdir(home);
    const file = join(home, 'server.properties');
    const dataDirectory = join(home, 'data');
    const properties = {
      ...kafkaProperties({
        id,
        brokers: ids,
        voters,
        listeners,
        port,
        advertisedPort: (each, name) => options.advertisedPorts?.[name] ?? port(each, name),
        host,
        dataDirectory,
        // A path of its own lets several clusters share one ZooKeeper.
        zookeeper: options.zookeeper === undefined ? undefined : `${options.zookeeper}/${clusterId}`,
      }),
      ...(options.autoCreateTopics === true ? { 'auto.create.topics.enable': 'true' } : {}),
      ...options.properties,
    };
    const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(file, lines.join(''));
    if (options.zookeeper === undefined) {
      await formatStorage(dataDirectory, {
        jvm,
        version,
        clusterId,
        brokerId: id,
        properties: lines.join(''),
        formatArguments: options.formatArguments ?? [],
      });
    }
    const server = createServerProcess({
      name: `Kafka ${version} broker ${id}`,
      command: 'java',
      args: [...jvm, 'kafka.Kafka', file],
      cwd: home,
      logFile: join(home, 'kafka.log'),
      ready: () => hasJoined(`127.0.0.1:${port(id, 'PLAINTEXT')}`, id),
      readyWithinMs: STARTING_MS,
    });
    return { ...server, id, port: port(id, 'PLAINTEXT') };
  }

  const brokers: KafkaBroker[] = [];
  async function stop(): Promise<void> {
    await Promise.all(brokers.map((broker) => broker.kill()));
    await rm(directory, { recursive: true, force: true });
  }
  try {
    brokers.push(...(await Promise.all(ids.map(createBroker))));
    // One broker of three cannot serve alone, so all are started before any is waited for.
    await Promise.all(brokers.map((broker) => broker.start()));
    await pollUntil(() => canCommit(servers('PLAINTEXT')), {
      what: `Kafka ${version} to serve consumer groups`,
      withinMs: STARTING_MS,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    version,
    bootstrapServers: servers('PLAINTEXT'),
    brokers,
    servers,
    reportedVersion: () => versionInLog(brokers[0]!.logFile),
    stop,
  };
}

async function portsFor(
  ids: readonly number[],
  listeners: readonly string[],
): Promise<(id: number, listener: string) => number> {
  const ports = await freePorts(ids.length * listeners.length);
  return (id, listener) => ports[ids.indexOf(id) * listeners.length + listeners.indexOf(listener)]!;
}

/** Whether the broker at `address` answers and counts itself among the live brokers. */
function hasJoined(address: string, id: number): Promise<boolean> {
  return asking([address], async (admin) => {
    const { brokers } = await admin.describeCluster();
    return brokers.some((broker) => broker.nodeId === id);
  });
}

/** Asking for a group's offsets makes Kafka create the topic in which it keeps them; without it Burrow will not start. */
function canCommit(bootstrapServers: readonly string[]): Promise<boolean> {
  return asking(bootstrapServers, async (admin) => {
    // The client must know the brokers before it can ask for a coordinator.
    await admin.fetchTopicMetadata();
    await admin.fetchOffsets({ groupId: 'stack-probe' });
    return true;
  });
}

async function asking<T>(brokers: readonly string[], ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    requestTimeout: 2000,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    return await ask(admin);
  } finally {
    await admin.disconnect();
  }
}

function versionInLog(logFile: string): Promise<string> {
  return pollUntil(async () => /Kafka version: (\S+)/.exec(await readFile(logFile, 'utf8'))?.[1], {
    what: `the version in ${logFile}`,
    withinMs: 10_000,
  });
}
