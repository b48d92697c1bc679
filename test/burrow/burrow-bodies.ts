/** JSON bodies in the shapes that Burrow 1.9.5 writes. */
export const REQUEST = { url: '/v3/kafka', host: 'burrow-1' };

export function commit(
  offset: number,
  lag: number | null,
  timestamp = 1_795_225_292_416,
): Readonly<Record<string, unknown>> {
  return { offset, timestamp, observedAt: timestamp + 12, lag };
}

/** One partition of a `/lag` answer; `fields` replace those of a healthy one. */
export function partition(fields: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    topic: 'orders',
    partition: 0,
    owner: '/10.0.0.7',
    client_id: 'billing-1',
    status: 'OK',
    start: commit(100, 5, 1_795_225_000_000),
    end: commit(160, 3),
    current_lag: 4,
    complete: 1,
    ...fields,
  };
}

/** A `/lag` answer for group `billing` of cluster `prod`; `fields` replace those of its `status`. */
export function lagAnswer(
  partitions: unknown = [partition()],
  fields: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return {
    error: false,
    message: 'consumer status returned',
    status: {
      cluster: 'prod',
      group: 'billing',
      status: 'OK',
      complete: 1,
      partitions,
      partition_count: Array.isArray(partitions) ? partitions.length : 0,
      maxlag: null,
      totallag: 4,
      ...fields,
    },
    request: REQUEST,
  };
}

/** What `/lag` says, with HTTP 404, of a group that Burrow does not know or cannot evaluate. */
export const UNKNOWN_GROUP = lagAnswer([], { status: 'NOTFOUND', totallag: 0 });

/** What the other endpoints say, with HTTP 404, of a cluster or topic that Burrow does not know. */
export const UNKNOWN_NAME = { error: true, message: 'cluster or topic not found', request: REQUEST };

/** What Burrow says, with HTTP 404 and as text/plain, of a path that it does not have. */
export const UNKNOWN_PATH = '{"error":true,"message":"invalid request type","result":{}}\n';
