import type { BurrowClient } from '../burrow/burrow-client.ts';
import { describeDifference, isAnotherCluster } from '../burrow/differing-lists.ts';
import type { Outcome } from '../burrow/outcome.ts';
import { MAX_NAME_CHARACTERS } from '../burrow/request-path.ts';
import { renameClusters } from '../burrow/rename-clusters.ts';
import { createBurrowClient } from '../burrow/undici-client.ts';
import type { Configuration } from '../config/configuration.ts';
import { found, type Finding } from '../platform/finding.ts';
import { passes } from '../poll/name-filter.ts';
import { firstOf, NAMES_SHOWN, someOf } from '../poll/name-selector.ts';
import { burrowClientOptions, type BurrowOptions } from '../sidecar/burrow-servers.ts';
import type { CheckDeps } from '../sinks/sink-kind.ts';
import { formatCount, wholeNumber } from '../words/numbers.ts';

type Discovery = Configuration['discovery'];

/** What a server lists of a cluster that is followed. */
interface ClusterLists {
  readonly cluster: string;
  readonly server: string;
  /** Those that discovery.groups lets through. */
  readonly groups: readonly string[];
}

/** Reaches each Burrow server, and looks at what it offers: its clusters, their names, their groups. */
export async function* checkBurrows(
  configuration: Configuration,
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const lists: ClusterLists[] = [];
  let isAnyFollowed = false;
  const leftOut = new Set<string>();
  for (const options of burrowClientOptions(configuration)) {
    for await (const step of checkServer(options, configuration.discovery, deps, signal)) {
      if ('verdict' in step) yield step;
      else if ('leftOut' in step) leftOut.add(step.leftOut);
      else {
        isAnyFollowed = true;
        if (step.lists !== null) lists.push(step.lists);
      }
    }
  }
  if (!isAnyFollowed && leftOut.size > 0) {
    const message = `leaves out every cluster, so that nothing is followed: ${shown([...leftOut])}`;
    yield found('warn', 'discovery.clusters', message);
  }
  yield* compareServers(lists);
}

type Step = Finding | { readonly lists: ClusterLists | null } | { readonly leftOut: string };

async function* checkServer(
  options: BurrowOptions,
  discovery: Discovery,
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const hidden: string[] = [];
  const bare = createBurrowClient(deps, options);
  const client = renameClusters(bare, options.clusterNames, (cluster) => hidden.push(cluster));
  const subject = `Burrow ${client.name}`;
  deps.asking(subject);
  try {
    const theirs = await bare.clusters(signal);
    if (theirs.kind !== 'ok') {
      yield found('fail', subject, `check burrow.servers: ${describe(theirs)}`);
      return;
    }
    if (theirs.value.length === 0) {
      const message = "it has no clusters (yet): check its configuration's [cluster.…] sections";
      yield found('fail', subject, message);
      return;
    }
    yield found('ok', subject, `answers, ${formatCount(theirs.value.length, 'cluster')}`);
    yield* checkNames(options, theirs.value);
    const ours = await client.clusters(signal);
    for (const cluster of ours.kind === 'ok' ? ours.value : []) {
      if (passes(discovery.clusters, cluster)) yield* checkCluster(client, cluster, discovery, deps, signal);
      else yield { leftOut: cluster };
    }
    for (const cluster of hidden) {
      const message =
        'is not followed: burrow.servers[].clusters gives its name to another cluster of the same server; ' +
        'give it another name there, too';
      yield found('fail', `cluster ${cluster} of ${client.name}`, message);
    }
  } finally {
    await client.close();
  }
}

/** Clusters to which the configuration gives a name, and which the server does not have. */
function* checkNames({ name, clusterNames }: BurrowOptions, theirs: readonly string[]): Generator<Finding> {
  const missing = [...clusterNames.keys()].filter((cluster) => !theirs.includes(cluster));
  if (missing.length === 0) return;
  const message = `names ${shown(missing)}, which this server does not have: it has ${shown(theirs)}`;
  yield found('warn', `burrow.servers[].clusters of ${name}`, message);
}

async function* checkCluster(
  client: BurrowClient,
  cluster: string,
  discovery: Discovery,
  { asking }: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Step> {
  const subject = `cluster ${cluster}`;
  asking(subject);
  const [groups, topics] = await Promise.all([
    client.groups(cluster, signal),
    client.topics(cluster, signal),
  ]);
  if (groups.kind !== 'ok') {
    yield { lists: null };
    yield found('fail', subject, `groups: ${describe(groups)}`);
    return;
  }
  const followed = groups.value.filter((group) => passes(discovery.groups, group));
  yield { lists: { cluster, server: client.name, groups: followed } };
  if (topics.kind !== 'ok') {
    yield found('fail', subject, `topics: ${describe(topics)}`);
    return;
  }
  const counts = `${formatCount(groups.value.length, 'group')}, ${formatCount(topics.value.length, 'topic')}`;
  if (groups.value.length === 0) {
    const why =
      "none has committed yet, Burrow is still reading, or its [consumer.…] section names another 'cluster' " +
      '(Burrow lower-cases that name for consumers: use lower case throughout)';
    yield found('warn', subject, `${counts}: ${why}`);
    return;
  }
  yield found('ok', subject, counts);
  const leftOut = groups.value.filter(
    (group) => group.length <= MAX_NAME_CHARACTERS && !passes(discovery.groups, group),
  );
  if (leftOut.length === 0) return;
  const all = leftOut.length === groups.value.length ? 'all ' : '';
  const message =
    `discovery.groups leaves out ${all}${wholeNumber(leftOut.length)} of ${wholeNumber(groups.value.length)} ` +
    `groups, which are not followed: ${shown(leftOut)}`;
  yield found('warn', subject, message);
}

/**
 * Clusters of one name that two servers have with different groups, so that those of the second would not be followed, and
 * clusters of two names that look like one.
 */
function* compareServers(lists: readonly ClusterLists[]): Generator<Finding> {
  for (const [index, second] of lists.entries()) {
    const before = lists.slice(0, index).filter(({ server }) => server !== second.server);
    const { cluster, server } = second;
    const namesake = before.find((first) => first.cluster === cluster);
    if (namesake !== undefined) {
      if (!differ(namesake, second)) continue;
      const counts = { groups: namesake.groups.length, other: server, otherGroups: second.groups.length };
      const message = describeDifference({ cluster, server: namesake.server, ...counts });
      yield found('fail', `cluster ${cluster}`, message);
      continue;
    }
    const alike = before.find((first) => looksLike(first, second));
    if (alike === undefined) continue;
    const message =
      `${alike.server} has a cluster ${alike.cluster} that looks the same, and both are followed: if they are one ` +
      'cluster, give both the same name with burrow.servers[].clusters';
    yield found('warn', `cluster ${cluster} of ${server}`, message);
  }
}

function differ(first: ClusterLists, second: ClusterLists): boolean {
  const here = new Set(first.groups);
  const onlyThere = second.groups.filter((group) => !here.has(group)).length;
  return isAnotherCluster(onlyThere, second.groups.length);
}

/** By name but for upper and lower case, or by their groups. */
function looksLike(first: ClusterLists, second: ClusterLists): boolean {
  if (first.cluster.toLowerCase() === second.cluster.toLowerCase()) return true;
  return first.groups.length > 0 && !differ(first, second) && !differ(second, first);
}

/** The first few of these names. */
function shown(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  const few = someOf(firstOf(names, NAMES_SHOWN)).join(', ');
  return more > 0 ? `${few} and ${wholeNumber(more)} more` : few;
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
