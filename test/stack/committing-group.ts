import type { Consumer, Kafka } from 'kafkajs';

/** A consumer group with one member that commits exactly what it is told, and nothing by itself. */
export interface CommittingGroup {
  readonly group: string;
  /** Commits `offsets[partition]`: the next record that the group would read. */
  commit(offsets: Readonly<Record<number, number>>): Promise<void>;
  /** The member leaves; the group's commits stay. */
  leave(): Promise<void>;
}

/**
 * Joins `group` as a reader of `topic`; resolves when its partitions are assigned. Call it again for the same group to
 * add a member, which makes the group rebalance.
 */
export async function joinCommittingGroup(
  kafka: Kafka,
  group: string,
  topic: string,
): Promise<CommittingGroup> {
  // A member leaves only when its running fetch has ended, so that must not wait long for records.
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, heartbeatInterval: 500 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = joinOf(consumer);
  await consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
  await joined;
  return {
    group,
    commit: (offsets) =>
      consumer.commitOffsets(
        Object.entries(offsets).map(([partition, offset]) => ({
          topic,
          partition: Number(partition),
          offset: String(offset),
        })),
      ),
    leave: () => consumer.disconnect(),
  };
}

function joinOf(consumer: Consumer): Promise<void> {
  return new Promise((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
}
