import type { BurrowClient } from '../burrow/burrow-client.ts';
import { describeDifference, isAnotherCluster } from '../burrow/differing-lists.ts';
import type { Outcome } from '../burrow/outcome.ts';
import { MAX_NAME_CHARACTERS } from '../burrow/request-path.ts';
import { renameClusters } from '../burrow/rename-clusters.ts';
import { createBurrowClient } from '../burrow/undici-client.ts';
import type { Configuration } from '../config/configuration.ts';
import { burrowClientOptions } from '../sidecar/burrow-servers.ts';
import type { CheckDeps } from '../sinks/sink-kind.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import { passes, type NameFilter } from '../poll/name-filter.ts';
import { firstOf, NAMES_SHOWN, someOf } from '../poll/name-selector.ts';
import { openLevelStore } from '../store/level-store.ts';
import { StoreFault } from '../store/store.ts';
import { checkCertificates } from './check-certificates.ts';
import type { Finding } from '../platform/finding.ts';

/** Reaches everything that `run` would need, and changes nothing. Findings come as they are made. */
export async function* runCheck(
  configuration: Configuration,
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  yield { ok: true, subject: 'configuration', message: 'is valid' };
  yield* checkCertificates(configuration, deps.clock.nowMs());
  const lists: GroupList[] = [];
  for (const options of burrowClientOptions(configuration)) {
    const hidden: string[] = [];
    const client = renameClusters(createBurrowClient(deps, options), options.clusterNames, (cluster) =>
      hidden.push(cluster),
    );
    deps.asking(`Burrow ${client.name}`);
    yield* checkBurrow(client, deps, configuration.discovery.groups, lists, signal);
    for (const cluster of hidden) {
      const message =
        'is not followed: burrow.servers[].clusters gives its name to another cluster of the same server; ' +
        'give it another name there, too';
      yield { ok: false, subject: `cluster ${cluster} of ${client.name}`, message };
    }
    await client.close();
  }
  yield* checkNamesakes(lists, configuration);
  const { check } = await SINK_KINDS[configuration.sink.type].load();
  yield* check(configuration, deps, signal);
  const { path } = configuration.outbox.disk;
  if (path !== '') yield await checkStore(`outbox on disk ${path}`, path);
  const { path: ledger } = configuration.ledger;
  if (ledger !== '') yield await checkStore(`ledger ${ledger}`, ledger);
}

/** Whether a store can be opened; it is made where it is missing, as `run` would. */
async function checkStore(subject: string, path: string): Promise<Finding> {
  try {
    await (await openLevelStore(path)).close();
    return { ok: true, subject, message: 'can be written to' };
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    const isInUse = error.kind === 'locked';
    return { ok: isInUse, subject, message: isInUse ? 'is in use by a running process' : error.message };
  }
}

/** The groups that a server lists of a cluster. */
interface GroupList {
  readonly cluster: string;
  readonly server: string;
  readonly groups: readonly string[];
}

/** Clusters of one name that two servers have, with different groups: those of the second would not be followed. */
function* checkNamesakes(lists: readonly GroupList[], { discovery }: Configuration): Generator<Finding> {
  const { clusters, groups: filter } = discovery;
  const followed = lists
    .filter(({ cluster }) => clusters.allow.test(cluster) && !clusters.deny.test(cluster))
    .map((list) => ({
      ...list,
      groups: list.groups.filter((group) => filter.allow.test(group) && !filter.deny.test(group)),
    }));
  for (const [index, { cluster, server: other, groups }] of followed.entries()) {
    const first = followed.slice(0, index).find((earlier) => earlier.cluster === cluster);
    if (first === undefined) continue;
    const here = new Set(first.groups);
    if (!isAnotherCluster(groups.filter((group) => !here.has(group)).length, groups.length)) continue;
    const counts = { groups: first.groups.length, other, otherGroups: groups.length };
    const message = describeDifference({ cluster, server: first.server, ...counts });
    yield { ok: false, subject: `cluster ${cluster}`, message };
  }
}

/** Reaches a Burrow server and counts what it offers. What it lists is added to `lists`. */
async function* checkBurrow(
  client: BurrowClient,
  { asking }: Pick<CheckDeps, 'asking'>,
  groupFilter: NameFilter,
  lists: GroupList[],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const subject = `Burrow ${client.name}`;
  const clusters = await client.clusters(signal);
  if (clusters.kind !== 'ok') {
    yield { ok: false, subject, message: `check burrow.servers: ${describe(clusters)}` };
    return;
  }
  if (clusters.value.length === 0) {
    const message = "it has no clusters (yet): check its configuration's [cluster.…] sections";
    yield { ok: false, subject, message };
    return;
  }
  yield { ok: true, subject, message: `answers, ${count(clusters.value, 'cluster')}` };
  for (const cluster of clusters.value) {
    asking(`cluster ${cluster}`);
    yield checkCluster(client, cluster, groupFilter, lists, signal);
  }
}

async function checkCluster(
  client: BurrowClient,
  cluster: string,
  groupFilter: NameFilter,
  lists: GroupList[],
  signal: AbortSignal,
): Promise<Finding> {
  const subject = `cluster ${cluster}`;
  const [groups, topics] = await Promise.all([
    client.groups(cluster, signal),
    client.topics(cluster, signal),
  ]);
  if (groups.kind !== 'ok') return { ok: false, subject, message: `groups: ${describe(groups)}` };
  lists.push({ cluster, server: client.name, groups: groups.value });
  if (topics.kind !== 'ok') return { ok: false, subject, message: `topics: ${describe(topics)}` };
  const found = `${count(groups.value, 'group')}${describeHidden(groups.value, groupFilter)}, ${count(topics.value, 'topic')}`;
  if (groups.value.length > 0 || topics.value.length === 0) return { ok: true, subject, message: found };
  const why =
    "none has committed yet, Burrow is still reading, or its [consumer.…] section names another 'cluster' " +
    '(Burrow lower-cases that name for consumers: use lower case throughout)';
  return { ok: true, subject, message: `${found}: ${why}` };
}

/** Which groups would not be polled; a filter that is there by default leaves some out without a word. */
function describeHidden(groups: readonly string[], filter: NameFilter): string {
  const hidden = groups.filter((group) => group.length <= MAX_NAME_CHARACTERS && !passes(filter, group));
  if (hidden.length === 0) return '';
  const names = someOf(firstOf(hidden, NAMES_SHOWN)).join(', ');
  return ` (${hidden.length} left out by discovery.groups: ${names}${hidden.length > NAMES_SHOWN ? ', …' : ''})`;
}

function describe(outcome: Outcome<unknown>): string {
  switch (outcome.kind) {
    case 'ok':
      return 'answers';
    case 'notFound':
      return 'not known to Burrow';
    case 'unreachable':
      return `not reached: ${outcome.reason}`;
    case 'invalid':
      return `not understood: ${outcome.reason}`;
  }
}

function count(names: readonly string[], word: string): string {
  return `${names.length} ${word}${names.length === 1 ? '' : 's'}`;
}
