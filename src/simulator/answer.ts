import { commitJson, evaluateGroup, unknownGroup } from './evaluation.ts';
import type { Clock } from '../platform/clock.ts';
import { type Random, seededRandom, shuffled } from './random.ts';
import { type BurrowWorld, COMMIT_RING_LENGTH, type PartitionState, warmingUp } from './world.ts';

/** A whole HTTP answer. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers as Burrow does. Bodies may be prebuilt: a Buffer is sent as it is. The path has no query. */
export type AnswerSource = (method: string, path: string, condition: 'normal' | 'warming-up') => Answer;

/** What `answerFor` needs to know besides the question. */
export interface AnswerContext {
  readonly world: BurrowWorld;
  readonly nowMs: number;
  readonly random: Random;
  /** False while Burrow starts. */
  readonly isReady: boolean;
}

const TEXT = 'text/plain; charset=utf-8';
/** Burrow gives its own host name here; the simulator does not. */
const HOST = 'simulated-burrow';

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, contentType: TEXT, body, headers };
}

/** Burrow's JSON envelope around `facts`. */
function json(status: number, path: string, message: string, facts: object, error = status !== 200): Answer {
  const body = { error, message, ...facts, request: { url: path, host: HOST } };
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

/** Answers from the world as it is at the moment of each request; the seed decides the order of lists. */
export function answersFrom(
  worldAt: (nowMs: number) => BurrowWorld,
  clock: Clock,
  seed: number,
): AnswerSource {
  const random = seededRandom(seed);
  return (method, path, condition) => {
    const nowMs = clock.nowMs();
    const isReady = condition === 'normal';
    const world = isReady ? worldAt(nowMs) : warmingUp(worldAt(nowMs));
    return answerFor(method, path, { world, nowMs, random, isReady });
  };
}

/** Answers one path of Burrow's HTTP API, v3, as Burrow 1.9 does; the path has no query. */
export function answerFor(method: string, rawPath: string, context: AnswerContext): Answer {
  let path: string;
  try {
    path = decodeURIComponent(rawPath);
  } catch {
    return plain(400, '400 Bad Request');
  }
  if (path.length > 1 && path.endsWith('/')) {
    const without = path.slice(0, -1);
    if (route(without, context) !== null)
      return plain(301, '', { location: rawPath.replace(/(\/|%2f)$/iu, '') });
  }
  const answer = route(path, context);
  if (answer === null)
    return plain(404, '{"error":true,"message":"invalid request type","result":{}}\n', {
      'x-content-type-options': 'nosniff',
    });
  return method === 'GET' ? answer() : plain(405, 'Method Not Allowed\n', { allow: 'GET, OPTIONS' });
}

/** Burrow matches the decoded path, so a name with a slash becomes two segments and is never found. */
function route(path: string, context: AnswerContext): (() => Answer) | null {
  if (path === '/burrow/admin') return () => plain(200, 'GOOD');
  if (path === '/burrow/admin/ready')
    return () => (context.isReady ? plain(200, 'READY') : plain(503, 'STARTING'));
  const [root, version, kafka, cluster, kind, name, detail, ...rest] = path.split('/');
  if (root !== '' || version !== 'v3' || kafka !== 'kafka' || rest.length > 0) return null;
  if ([cluster, kind, name, detail].includes('')) return null;

  if (cluster === undefined) return () => clusterList(path, context);
  if (kind === undefined) return () => clusterDetail(path, context, cluster);
  if (kind === 'topic' && detail === undefined)
    return () =>
      name === undefined ? topicList(path, context, cluster) : topic(path, context, cluster, name);
  if (kind !== 'consumer') return null;
  if (name === undefined) return () => groupList(path, context, cluster);
  if (detail === undefined) return () => groupDetail(path, context, cluster, name);
  if (detail === 'status' || detail === 'lag') return () => groupStatus(path, context, cluster, name, detail);
  return null;
}

function clusterList(path: string, { world, random }: AnswerContext): Answer {
  return json(200, path, 'cluster list returned', { clusters: shuffled(world.clusters(), random) });
}

function clusterDetail(path: string, { world }: AnswerContext, cluster: string): Answer {
  if (world.topics(cluster) === null) return json(404, path, 'cluster module not found', {});
  return json(200, path, 'cluster module detail returned', {
    module: {
      'class-name': 'kafka',
      servers: [`${cluster}-kafka-1:9092`, `${cluster}-kafka-2:9092`],
      'client-profile': { name: '', 'client-id': 'burrow', 'kafka-version': '', tls: null, sasl: null },
      'topic-refresh': 60,
      'offset-refresh': 10,
    },
  });
}

function topicList(path: string, { world, random }: AnswerContext, cluster: string): Answer {
  const topics = world.topics(cluster);
  if (topics === null) return json(404, path, 'cluster not found', {});
  return json(200, path, 'topic list returned', { topics: shuffled(topics, random) });
}

function topic(path: string, { world }: AnswerContext, cluster: string, name: string): Answer {
  const offsets = world.offsets(cluster, name);
  if (offsets === null) return json(404, path, 'cluster or topic not found', {});
  // Burrow skips the partitions whose offset it does not know instead of marking them.
  const known = Array.from(offsets).filter((offset) => typeof offset === 'number');
  return json(200, path, 'topic offsets returned', { offsets: known });
}

function groupList(path: string, { world, random }: AnswerContext, cluster: string): Answer {
  const consumers = world.groups(cluster);
  if (consumers === null) return json(404, path, 'cluster not found', {});
  return json(200, path, 'consumer list returned', { consumers: shuffled(consumers, random) });
}

function groupDetail(path: string, { world }: AnswerContext, cluster: string, group: string): Answer {
  const partitions = world.group(cluster, group);
  if (partitions === null) return json(404, path, 'cluster or consumer not found', {});
  const topics = new Map<string, object[]>();
  for (const partition of partitions) {
    const list = topics.get(partition.topic) ?? [];
    while (list.length < partition.partition) list.push(storedPartition());
    list[partition.partition] = storedPartition(partition);
    topics.set(partition.topic, list);
  }
  return json(200, path, 'consumer detail returned', { topics: Object.fromEntries(topics) });
}

/** One entry of the consumer detail: the whole ring, its empty slots (null) first. */
function storedPartition(partition?: PartitionState): object {
  const commits = (partition?.commits ?? []).map(commitJson);
  const empty = Array.from({ length: Math.max(0, COMMIT_RING_LENGTH - commits.length) }, () => null);
  return {
    offsets: [...empty, ...commits],
    owner: partition?.owner ?? '',
    client_id: partition?.clientId ?? '',
    'current-lag': partition?.currentLagRecords ?? 0,
  };
}

function groupStatus(
  path: string,
  { world, nowMs, random }: AnswerContext,
  cluster: string,
  group: string,
  detail: 'status' | 'lag',
): Answer {
  const message = 'consumer status returned';
  const partitions = world.group(cluster, group);
  if (partitions === null) return json(404, path, message, { status: unknownGroup(cluster, group) }, false);
  const all = evaluateGroup(cluster, group, shuffled(partitions, random), nowMs);
  const status =
    detail === 'lag' ? all : { ...all, partitions: all.partitions.filter((one) => one.status !== 'OK') };
  return json(200, path, message, { status });
}
