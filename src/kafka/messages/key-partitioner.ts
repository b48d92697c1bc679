import { Partitioners } from 'kafkajs';

const REMEMBERED_KEYS = 100_000;
/** The partition of a longer key is computed each time: remembered, such keys would fill the memory. */
const LONGEST_REMEMBERED_KEY = 1000;

/** Kafka's partition for a key, remembered: kafkajs computes its hash digit by digit in 64-bit arithmetic. */
export function createKeyPartitioner(): (key: string, partitions: number) => number {
  const partition = Partitioners.DefaultPartitioner();
  const known = new Map<string, number>();
  let knownFor = 0;
  let metadata: Parameters<typeof partition>[0]['partitionMetadata'] = [];
  return (key, partitions) => {
    if (partitions !== knownFor || known.size >= REMEMBERED_KEYS) {
      known.clear();
      knownFor = partitions;
      metadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 0,
        replicas: [],
        isr: [],
      }));
    }
    let found = known.get(key);
    if (found === undefined) {
      found = partition({ topic: '', partitionMetadata: metadata, message: { key, value: null } });
      if (key.length <= LONGEST_REMEMBERED_KEY) known.set(key, found);
    }
    return found;
  };
}
