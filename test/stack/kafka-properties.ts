/** Where one broker stands in its cluster; the input of {@link kafkaProperties}. */
export interface BrokerPlace {
  readonly id: number;
  /** Ids of all brokers, and of those that are controllers too (none with ZooKeeper). */
  readonly brokers: readonly number[];
  readonly voters: readonly number[];
  /** Security protocol of each listener. */
  readonly listeners: Readonly<Record<string, string>>;
  readonly port: (id: number, listener: string) => number;
  readonly advertisedPort: (id: number, listener: string) => number;
  /** Host of a listener, an IPv6 address in brackets. */
  readonly host: (listener: string) => string;
  readonly dataDirectory: string;
  /** `host:port/path`: keep the cluster's state in ZooKeeper (Kafka 3 only) rather than in KRaft. */
  readonly zookeeper?: string | undefined;
}

/** `server.properties` of a small broker on loopback ports that starts, rebalances and fails over fast. */
export function kafkaProperties(place: BrokerPlace): Readonly<Record<string, string>> {
  const { id, brokers, listeners, port, host } = place;
  const names = Object.keys(listeners).filter((name) => name !== 'CONTROLLER');
  const at = (each: readonly string[], portOf = port): string =>
    each.map((name) => `${name}://${host(name)}:${portOf(id, name)}`).join(',');
  const replicas = String(Math.min(brokers.length, 3));
  const inSync = brokers.length >= 3 ? '2' : '1';
  return {
    ...(place.zookeeper === undefined
      ? {
          'process.roles': place.voters.includes(id) ? 'broker,controller' : 'broker',
          'node.id': String(id),
          'controller.quorum.voters': place.voters
            .map((voter) => `${voter}@127.0.0.1:${port(voter, 'CONTROLLER')}`)
            .join(','),
          'controller.listener.names': 'CONTROLLER',
          // A killed broker is fenced after this time, and its partitions get new leaders.
          'broker.session.timeout.ms': '3000',
          'broker.heartbeat.interval.ms': '500',
        }
      : {
          'broker.id': String(id),
          'zookeeper.connect': place.zookeeper,
          'zookeeper.session.timeout.ms': '4000',
        }),
    listeners: at(place.voters.includes(id) ? [...names, 'CONTROLLER'] : names),
    'advertised.listeners': at(names, place.advertisedPort),
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': Object.entries(listeners)
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'log.dirs': place.dataDirectory,
    'auto.create.topics.enable': 'false',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    // Few: fifty partitions would make the first commit of a new cluster wait.
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': '3',
    'group.initial.rebalance.delay.ms': '0',
    // Small: the default takes 128 MB of a heap that is little more.
    'log.cleaner.dedupe.buffer.size': '2097152',
    'num.network.threads': '2',
    'num.io.threads': '4',
  };
}
