import { findBurrow } from './burrow-binary.ts';
import { startBurrow, type Burrow } from './burrow.ts';
import { startKafka, type KafkaCluster, type KafkaOptions } from './kafka.ts';
import { startZookeeper } from './zookeeper.ts';

/** A Kafka cluster that the Burrow at hand can watch, with whatever it needs beside it. */
export interface WatchedStack {
  readonly kafka: KafkaCluster;
  /** `host:port`, where one was started. */
  readonly zookeeper: string | undefined;
  stop(): Promise<void>;
}

/** Starts the newest Kafka that {@link findBurrow}'s Burrow can watch; `options` may add to it. */
export async function startWatchedKafka(
  options: Omit<KafkaOptions, 'version' | 'zookeeper'> = {},
): Promise<WatchedStack> {
  const { watches, needsZookeeper } = await findBurrow();
  const zookeeper = watches.onZookeeper || needsZookeeper ? await startZookeeper() : undefined;
  try {
    const kafka = await startKafka({
      ...options,
      version: watches.version,
      properties: { ...watches.properties, ...options.properties },
      ...(zookeeper !== undefined && watches.onZookeeper ? { zookeeper: zookeeper.address } : {}),
    });
    return {
      kafka,
      zookeeper: zookeeper?.address,
      stop: async () => {
        await kafka.stop();
        await zookeeper?.stop();
      },
    };
  } catch (error) {
    await zookeeper?.stop();
    throw error;
  }
}

/** Everything that the sidecar meets. */
export interface Stack {
  /** The cluster that Burrow watches, named `local` in Burrow. */
  readonly watched: WatchedStack;
  /** The Kafka 4 cluster for speed-racer; creates topics on first use. */
  readonly sink: KafkaCluster;
  readonly burrow: Burrow;
  stop(): Promise<void>;
}

/** Starts the watched Kafka, the Kafka for speed-racer, and Burrow, side by side where they can. */
export async function startStack(): Promise<Stack> {
  const [watching, sinking] = await Promise.allSettled([
    startWatchedKafka(),
    startKafka({ autoCreateTopics: true }),
  ]);
  const stops: (() => Promise<void>)[] = [];
  if (watching.status === 'fulfilled') stops.push(() => watching.value.stop());
  if (sinking.status === 'fulfilled') stops.push(() => sinking.value.stop());
  const stop = async (): Promise<void> => {
    await Promise.all(stops.map((each) => each()));
  };
  try {
    if (watching.status === 'rejected') throw watching.reason;
    if (sinking.status === 'rejected') throw sinking.reason;
    const watched = watching.value;
    const burrow = await startBurrow({
      clusters: [{ name: 'local', bootstrapServers: watched.kafka.bootstrapServers }],
      ...(watched.zookeeper === undefined ? {} : { zookeeper: watched.zookeeper }),
    });
    stops.unshift(() => burrow.dispose());
    return { watched, sink: sinking.value, burrow, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
