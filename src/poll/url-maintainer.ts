import type { DifferingLists } from '../burrow/differing-lists.ts';
import { abortable } from '../platform/abortable.ts';
import { sleep } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import { createBurrowServer, type ServerStatus } from './burrow-server.ts';
import { countFollowed, createDiscovery } from './discovery.ts';
import { createDiscoveryRounds, type RoundReport } from './discovery-rounds.ts';
import { createExpectedNames } from './expected-names.ts';
import { createFirstPolls, type FirstPollsProgress } from './first-polls.ts';
import { createFollowedCluster, type RememberedNames } from './followed-cluster.ts';
import { FOLLOWED_KINDS, type FollowedKinds } from './followed-kinds.ts';
import { createGroupLimit } from './group-limit.ts';
import type { Handler, HandlerEngine, PollTiming } from './handler.ts';
import { inChunks } from './handler-set.ts';
import type { LiveMaintainerOptions, UrlMaintainerDeps, UrlMaintainerOptions } from './maintainer-options.ts';
import { createNameSelector, type HiddenNames } from './name-selector.ts';
import { createNamesakes } from './namesakes.ts';
import { createTopicPick } from './topic-pick.ts';
import { createWakeBound, type WakeOutcome } from './wake-bound.ts';

/** One cluster and what is polled of it. */
export interface ClusterSummary {
  readonly name: string;
  /** Configured name of the Burrow server that is asked. */
  readonly server: string;
  /** Names that are followed, by the plural of their kind. */
  readonly followed: Readonly<Record<string, number>>;
  /** Groups that are listed and that `discovery.groups` leaves out. */
  readonly hiddenGroups: HiddenNames;
  /** Groups that are left out because of `maxGroups`. */
  readonly groupsOverLimit: number;
}

export interface UrlMaintainer extends Part {
  /**
   * Follows and polls by these from now on, and discovers at once. What is denied now ends; of what is followed before and
   * after no series is cut.
   */
  reconfigure(options: LiveMaintainerOptions): void;
  /**
   * Polls a group now, or as soon as the bound on wakes allows, in one cluster or, with null, in all of them. Returns
   * what it came to for each handler: nothing for a group that is denied, is not known, or when nothing runs. One that
   * is not known yet is woken when one of the next discoveries finds it.
   */
  wake(cluster: string | null, group: string): readonly WakeOutcome[];
  /** The state of each server; cheap to call often. */
  servers(): readonly ServerStatus[];
  /** How far the first polls are after a start; null once every group has been polled, or where events start polls. */
  firstPolls(): FirstPollsProgress | null;
  /** A server's lists have been read in full, and there is nothing to sample, or only events cause polls. */
  hasNothingToSample(): boolean;
  /** Clusters of one name that two servers have, with different groups: only those of the first are followed. */
  namesakes(): readonly DifferingLists[];
  /** Whether a group of that name is polled. */
  follows(cluster: string, group: string): boolean;
  /** The clusters that are followed now. */
  clusters(): readonly ClusterSummary[];
  /**
   * Before `start`: polls these, by cluster, from the beginning, because a former process has left spans of theirs
   * open. Burrow's lists decide whether they live: those that are gone get their zero-ends.
   */
  remember(names: ReadonlyMap<string, RememberedNames>): void;
  /** Ends every open span, in key order, stamped `nowMs`, all at once, and polls on: the next samples start them again. */
  cutAll(nowMs: number): void;
  /**
   * After `stop`: ends every open span, in key order, stamped `nowMs`. Rejects when the signal aborts first.
   * Throws while polls may still open new spans.
   */
  closeAll(nowMs: number, signal: AbortSignal): Promise<void>;
}

/** Twice what a Burrow takes that reads all of a large cluster's commits. */
const LONGEST_DOUBT_MS = 60 * 60_000;

/**
 * The part that knows which URLs of Burrow there are to poll, and polls them.
 *
 * @param kinds what is followed
 */
export function createUrlMaintainer(
  deps: UrlMaintainerDeps,
  options: UrlMaintainerOptions,
  kinds: FollowedKinds = FOLLOWED_KINDS,
): UrlMaintainer {
  let live: LiveMaintainerOptions = options;
  /** Whether the filters have changed since the last discovery began. */
  let isRefiltering = false;
  const { clock, scheduler, traffic, monotonicMs, log } = deps;
  const count = traffic.countException;
  const timing: PollTiming = {
    get intervalMs() {
      return live.pollIntervalMs;
    },
    get sleep() {
      return live.sleep;
    },
  };
  const engine: HandlerEngine = { clock, scheduler, timing, random: () => deps.random(), count, log };
  const follow = { ...deps, engine, countsTopic: createTopicPick(() => live.topics) };
  const servers = deps.clients.map((client) =>
    createBurrowServer(
      { client, clock, monotonicMs, log },
      { concurrency: options.concurrency, settleMs: settleMs(options) },
    ),
  );
  const limit = createGroupLimit({ log }, options);
  const pause = (signal: AbortSignal): Promise<void> => sleep(scheduler, 0, signal);
  const namesakes = createNamesakes({ log, filter: () => kinds[0].filter(live) });
  const discovery = createDiscovery(
    {
      servers,
      createCluster: (name, server) =>
        createFollowedCluster({ ...deps, kinds, follow, limit, pause, count }, server, {
          name,
          filters: live,
          deadAfter: options.deadAfter,
          get patience() {
            return Math.ceil(LONGEST_DOUBT_MS / live.discoveryIntervalMs);
          },
        }),
      clusterNames: createNameSelector(
        { ...deps, count, filter: options.clusters },
        // A cluster that is not followed has no counts: names made up by the thousand must leave nothing behind.
        { what: 'cluster', plural: 'clusters', tag: 'env', filterKey: null, cluster: '' },
      ),
      namesakes,
      traffic,
      log,
    },
    options,
  );
  const clusters = () => [...discovery.clusters().values()];
  const mainHandlers = () => clusters().flatMap(({ main }) => [...main.handlers.all()]);
  const allHandlers = () => clusters().flatMap((cluster) => cluster.handlers());
  const firstPolls = createFirstPolls({ groups: mainHandlers, clock, scheduler, log });
  const wakes = createWakeBound(
    { scheduler, monotonicMs, groups: () => sum(clusters().map(({ main }) => main.handlers.size)) },
    timing,
  );
  const expected = createExpectedNames();
  const rounds = createDiscoveryRounds(
    { clock, scheduler, discover },
    {
      get intervalMs() {
        return live.discoveryIntervalMs;
      },
    },
  );
  let remembered: ReadonlyMap<string, RememberedNames> = new Map();
  let hasReadLists = false;
  let running = false;
  let stopping: Promise<void> | null = null;

  async function discover(counts: boolean, signal: AbortSignal): Promise<RoundReport> {
    if (isRefiltering) {
      isRefiltering = false;
      await discovery.refilter(live, signal);
    }
    const report = await discovery.run(counts, signal);
    expected.findAll((cluster, name) => wakeKnown(cluster, name).length > 0);
    for (const server of servers) {
      const followed = countFollowed(clusters().filter((cluster) => cluster.server() === server));
      server.expect(kinds.map(({ plural }) => plural).filter((plural) => (followed[plural] ?? 0) > 0));
    }
    hasReadLists ||= servers.map((server) => server.status()).some(isGood);
    if (options.sleep === null) firstPolls.discovered();
    return { ...report, handlers: allHandlers().length };
  }

  function wakeKnown(cluster: string | null, name: string): readonly WakeOutcome[] {
    const among = cluster === null ? clusters() : [discovery.clusters().get(cluster)];
    const handlers = among.flatMap((each) => each?.main.handlers.get(name) ?? []);
    return handlers.map((handler) => wakes.wake(handler));
  }

  async function windDown(signal: AbortSignal): Promise<void> {
    running = false;
    firstPolls.stop();
    wakes.stop();
    const discovered = rounds.stop();
    // From here on nothing is sent, and nothing of what is in flight is delivered.
    const idle = Promise.all(servers.map((server) => server.stop()));
    // A discovery under way may still be starting handlers.
    await discovered;
    await inChunks(allHandlers(), pause, signal, (handler) => handler.stop('STOP'));
    await idle;
    log.info('polling stopped');
  }

  return {
    name: 'poll',
    reconfigure(next) {
      const before = live;
      live = next;
      isRefiltering = true;
      if (next.pollIntervalMs !== before.pollIntervalMs || next.sleep?.safetyMs !== before.sleep?.safetyMs) {
        for (const handler of allHandlers()) handler.retime();
      }
      if (running) rounds.again();
    },
    remember(names) {
      remembered = names;
    },
    async start(signal) {
      signal.throwIfAborted();
      if (stopping !== null) throw new Error('a stopped maintainer cannot start again');
      running = true;
      log.info({ servers: servers.map(({ name }) => name) }, 'polling started');
      await discovery.remember(remembered, signal);
      remembered = new Map();
      rounds.start();
    },
    async stop(signal) {
      if (!running && stopping === null) return;
      stopping ??= windDown(signal);
      await abortable(stopping, signal);
    },
    wake(cluster, group) {
      if (!running) return [];
      const outcomes = wakeKnown(cluster, group);
      if (outcomes.length === 0) expected.expect(cluster, group);
      return outcomes;
    },
    servers: () => servers.map((server) => server.status()),
    hasNothingToSample: () => hasReadLists && (live.sleep !== null || allHandlers().length === 0),
    namesakes: () => namesakes.current(),
    follows: (cluster, group) => discovery.clusters().get(cluster)?.main.handlers.get(group) !== undefined,
    firstPolls: () => firstPolls.progress(),
    clusters: () =>
      clusters().map((cluster) => ({
        name: cluster.name,
        server: cluster.server().name,
        followed: countFollowed([cluster]),
        hiddenGroups: cluster.main.hidden(),
        groupsOverLimit: limit.leftOut(cluster.name),
      })),
    cutAll(nowMs) {
      for (const handler of inKeyOrder(allHandlers())) handler.cut(nowMs);
    },
    async closeAll(nowMs, signal) {
      if (running) throw new Error('closeAll before stop: polls would open new spans');
      await inChunks(inKeyOrder(allHandlers()), pause, signal, (handler) => handler.close(nowMs));
    },
  };
}

function isGood({ lastOkMs, lastError }: ServerStatus): boolean {
  return lastOkMs !== null && lastError === null;
}

function inKeyOrder(handlers: readonly Handler[]): readonly Handler[] {
  return [...handlers].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Longer than any handler backs off, and so than the time between two failures of one fault. */
function settleMs({ pollIntervalMs, discoveryIntervalMs }: UrlMaintainerOptions): number {
  return Math.max(5 * pollIntervalMs, 2 * discoveryIntervalMs);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
