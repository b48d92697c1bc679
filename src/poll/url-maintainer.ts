import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { createActor } from 'xstate';

import type { BurrowClient } from '../burrow/burrow-client.ts';
import type { DifferingLists } from '../burrow/differing-lists.ts';
import { sleep, type Clock, type Scheduler } from '../platform/clock.ts';
import type { Part } from '../platform/part.ts';
import type { SeriesBook } from '../series/series-book.ts';
import type { GroupBoard } from '../telemetry/group-board.ts';
import type { TrafficCounters } from '../telemetry/traffic-counters.ts';
import { createActorClock } from './actor-clock.ts';
import { createBurrowServer, type ServerCondition } from './burrow-server.ts';
import { createClusterWatch, type ClusterWatch, type RememberedNames } from './cluster-watch.ts';
import { createConsumerHandler } from './consumer-handler.ts';
import { createDiscovery, type NameFilters } from './discovery.ts';
import type { EmitRecords } from './emit-records.ts';
import { createExpectedGroups } from './expected-groups.ts';
import { createFirstPolls, type FirstPollsProgress } from './first-polls.ts';
import { createGroupLimit } from './group-limit.ts';
import type { Handler, HandlerEngine, SleepOptions } from './handler.ts';
import { inChunks } from './handler-set.ts';
import { createMaintainerMachine, type RoundReport } from './maintainer-machine.ts';
import { createNameGate, type HiddenNames, type ShowName } from './name-gate.ts';
import { createNamesakes } from './namesakes.ts';
import { createPollMachine } from './poll-machine.ts';
import { createTopicHandler } from './topic-handler.ts';
import { createTopicPick } from './topic-pick.ts';
import { createWakeBound, type WakeOutcome } from './wake-bound.ts';

export interface UrlMaintainerDeps {
  /** Burrow servers in order of preference; the maintainer does not close them. */
  readonly clients: readonly BurrowClient[];
  /** Whether a name can be carried by a URL as one path segment. */
  readonly isAddressable: (name: string) => boolean;
  /** What a record's tags make of a name. Names that look alike there would share their series. */
  readonly shownAs: ShowName;
  readonly series: SeriesBook;
  readonly emit: EmitRecords;
  readonly board: Pick<GroupBoard, 'observe' | 'forget'>;
  readonly traffic: Pick<TrafficCounters, 'know' | 'forget' | 'countSample' | 'countException'>;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** A clock that never goes back, milliseconds. */
  readonly monotonicMs: () => number;
  /** A number in [0, 1): jitter of retries. */
  random(): number;
  readonly log: Logger;
}

/** What may change while it runs. Durations in milliseconds. */
export interface LiveMaintainerOptions extends NameFilters {
  readonly discoveryIntervalMs: number;
  readonly pollIntervalMs: number;
  /**
   * Null polls every group at every interval. Else groups sleep until `wake`, and again after some answers in a row with
   * status OK and no lag. Topics are polled in any case.
   * Whether they sleep does not change while it runs.
   */
  readonly sleep: SleepOptions | null;
}

export interface UrlMaintainerOptions extends LiveMaintainerOptions {
  /** Requests in flight per server, 1 or more. */
  readonly concurrency: number;
  /** Discoveries in a row that lack a name before it may be dead, see `createBelievedList`; 1 or more. */
  readonly deadAfter: number;
  /** Over all clusters, 1 or more. */
  readonly maxGroups: number;
}

/** How discovery and polling fare. */
export interface PollSnapshot {
  readonly servers: readonly ServerCondition[];
  readonly clusters: number;
  readonly groups: number;
  readonly topics: number;
  /** Groups and topics that are followed though Burrow says that it does not know them. */
  readonly unknown: number;
  readonly backingOff: number;
  /** Requests that wait for their turn, and those in flight, over all servers. */
  readonly waitingRequests: number;
  readonly inFlightRequests: number;
  /** When the newest discovery ended, epoch ms; null before the first. */
  readonly lastDiscoveryMs: number | null;
}

/** One cluster and what is polled of it. */
export interface FollowedCluster {
  readonly name: string;
  /** Configured name of the Burrow server that is asked. */
  readonly server: string;
  readonly groups: number;
  readonly topics: number;
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
  /** How each server fares; cheap, for whoever asks often. */
  servers(): readonly ServerCondition[];
  /** Looks at every handler: not for whoever asks often. */
  snapshot(): PollSnapshot;
  /** How far the first polls are after a start; null once every group has been polled, or where events start polls. */
  firstPolls(): FirstPollsProgress | null;
  /** Clusters of one name that two servers have, with different groups: only those of the first are followed. */
  namesakes(): readonly DifferingLists[];
  /** Whether a group of that name is polled. */
  follows(cluster: string, group: string): boolean;
  /** The clusters that are followed now. */
  clusters(): readonly FollowedCluster[];
  /**
   * Before `start`: polls these, by cluster, from the beginning, because a former process has left spans of theirs
   * open. Burrow's lists decide whether they live: those that are gone get their zero-ends.
   */
  remember(names: ReadonlyMap<string, RememberedNames>): void;
  /** Ends every open span, in key order, stamped `nowMs`, and polls on: the next samples begin them anew. In one go. */
  cutAll(nowMs: number): void;
  /**
   * After `stop`: ends every open span, in key order, stamped `nowMs`. Rejects when the signal aborts first.
   * Throws while polls may still open new spans.
   */
  closeAll(nowMs: number, signal: AbortSignal): Promise<void>;
}

/** Twice what a Burrow takes that reads all of a large cluster's commits. */
const LONGEST_DOUBT_MS = 60 * 60_000;

/** The part that knows which URLs of Burrow there are to poll, and polls them. */
export function createUrlMaintainer(deps: UrlMaintainerDeps, options: UrlMaintainerOptions): UrlMaintainer {
  let live: LiveMaintainerOptions = options;
  /** Whether the filters are to be looked at anew before the next discovery. */
  let isRefiltering = false;
  const { clock, scheduler, traffic, isAddressable, shownAs, log } = deps;
  const count = traffic.countException;
  const engine: HandlerEngine = {
    machine: createPollMachine(clock, scheduler, () => deps.random()),
    nowMs: () => clock.nowMs(),
  };
  const servers = deps.clients.map((client) =>
    createBurrowServer(
      { client, clock, monotonicMs: deps.monotonicMs, log },
      { concurrency: options.concurrency, settleMs: settleMs(options) },
    ),
  );
  const countsTopic = createTopicPick(() => live.topics);
  const groupLimit = createGroupLimit({ log }, options);
  const pause = (signal: AbortSignal): Promise<void> => sleep(scheduler, 0, signal);
  const namesakes = createNamesakes({ log, groups: () => live.groups });
  const discovery = createDiscovery(
    {
      servers,
      createWatch: (cluster, server) =>
        createClusterWatch(
          { isAddressable, shownAs, count, log, createConsumer, createTopic, pause, groupLimit },
          server,
          {
            ...options,
            groups: live.groups,
            topics: live.topics,
            name: cluster,
            get patience() {
              return Math.ceil(LONGEST_DOUBT_MS / live.discoveryIntervalMs);
            },
          },
        ),
      clusterGate: createNameGate(
        { isAddressable, shownAs, count, log, filter: options.clusters },
        // A cluster that is not followed has no counts: names made up by the thousand must leave nothing behind.
        { what: 'cluster', clusterOf: () => '' },
      ),
      namesakes,
      traffic,
      log,
    },
    options,
  );
  const firstPolls = createFirstPolls({
    groups: () => [...discovery.clusters().values()].flatMap(({ groups }) => [...groups.all()]),
    clock,
    scheduler,
    log,
  });
  const wakes = createWakeBound(
    {
      scheduler,
      monotonicMs: deps.monotonicMs,
      groups: () => sum([...discovery.clusters().values()].map(({ groups }) => groups.size)),
    },
    {
      get intervalMs() {
        return live.pollIntervalMs;
      },
    },
  );
  const expected = createExpectedGroups();
  let lastDiscoveryMs: number | null = null;
  let remembered: ReadonlyMap<string, RememberedNames> = new Map();
  let round: Promise<unknown> = Promise.resolve();
  let running = false;
  let stopping: Promise<void> | null = null;

  const actor = createActor(
    createMaintainerMachine(
      clock,
      (counts, signal) => {
        const report = discover(counts, signal);
        // Kept to wait for at the end; what it rejects with reaches the actor, which decides.
        round = report.catch(() => undefined);
        return report;
      },
      {
        get intervalMs() {
          return live.discoveryIntervalMs;
        },
      },
    ),
    { clock: createActorClock(scheduler) },
  );

  async function discover(counts: boolean, signal: AbortSignal): Promise<RoundReport> {
    // One listener a request in flight; more than ten of them are no leak.
    setMaxListeners(0, signal);
    if (isRefiltering) {
      isRefiltering = false;
      await discovery.refilter(live, signal);
    }
    const report = await discovery.run(counts, signal);
    lastDiscoveryMs = clock.nowMs();
    expected.look((cluster, group) => wakeKnown(cluster, group).length > 0);
    const watches = [...discovery.clusters().values()];
    for (const server of servers) {
      const own = watches.filter((watch) => watch.server() === server);
      server.expect({
        groups: own.some(({ groups }) => groups.size > 0),
        topics: own.some(({ topics }) => topics.size > 0),
      });
    }
    if (options.sleep === null) firstPolls.discovered();
    const handlers = sum(watches.map(({ groups, topics }) => groups.size + topics.size));
    return { ...report, handlers };
  }

  function createConsumer(watch: ClusterWatch, group: string, newcomers: number): Handler {
    return createConsumerHandler(
      {
        engine,
        requestLag: (urgency, signal) =>
          watch.ask('groups', (client, sent) => client.groupLag(watch.name, group, sent), urgency, signal),
        series: deps.series.group(watch.name, group),
        emit: deps.emit,
        board: deps.board,
        traffic,
        count,
        countsTopic,
        log,
      },
      { ...handlerOptions(watch, newcomers), group, sleep: live.sleep },
    );
  }

  function createTopic(watch: ClusterWatch, topic: string, newcomers: number): Handler {
    return createTopicHandler(
      {
        engine,
        requestOffsets: (urgency, signal) =>
          watch.ask(
            'topics',
            (client, sent) => client.topicOffsets(watch.name, topic, sent),
            urgency,
            signal,
          ),
        series: deps.series.topic(watch.name, topic),
        emit: deps.emit,
        traffic,
        count,
        log,
      },
      { ...handlerOptions(watch, newcomers), topic },
    );
  }

  function handlerOptions(watch: ClusterWatch, newcomers: number) {
    return {
      cluster: watch.name,
      intervalMs: live.pollIntervalMs,
      newcomers,
    };
  }

  function wakeKnown(cluster: string | null, group: string): readonly WakeOutcome[] {
    const clusters = discovery.clusters();
    const watches = cluster === null ? [...clusters.values()] : [clusters.get(cluster)];
    const handlers = watches.flatMap((watch) => watch?.groups.get(group) ?? []);
    return handlers.map((handler) => wakes.wake(handler));
  }

  function allHandlers(): readonly Handler[] {
    return [...discovery.clusters().values()].flatMap(({ groups, topics }) => [
      ...groups.all(),
      ...topics.all(),
    ]);
  }

  async function windDown(signal: AbortSignal): Promise<void> {
    running = false;
    firstPolls.stop();
    wakes.stop();
    actor.send({ type: 'STOP' });
    // From here on nothing is sent, and nothing of what is in flight is delivered.
    const idle = Promise.all(servers.map((server) => server.stop()));
    // A discovery under way may still be starting handlers.
    await round;
    await inChunks(allHandlers(), pause, signal, (handler) => handler.stop({ gone: false }));
    await idle;
    log.info('polling stopped');
  }

  return {
    name: 'poll',
    reconfigure(next) {
      const before = live;
      live = next;
      isRefiltering = true;
      const intervals = {
        intervalMs: next.pollIntervalMs,
        safetyMs: next.sleep?.safetyMs ?? next.pollIntervalMs,
      };
      if (intervals.intervalMs !== before.pollIntervalMs || next.sleep?.safetyMs !== before.sleep?.safetyMs) {
        for (const handler of allHandlers()) handler.retime(intervals);
      }
      if (running) actor.send({ type: 'AGAIN' });
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
      actor.start();
    },
    async stop(signal) {
      if (!running && stopping === null) return;
      stopping ??= windDown(signal);
      await unlessAborted(stopping, signal);
    },
    wake(cluster, group) {
      if (!running) return [];
      const outcomes = wakeKnown(cluster, group);
      if (outcomes.length === 0) expected.expect(cluster, group);
      return outcomes;
    },
    servers: () => servers.map((server) => server.condition()),
    namesakes: () => namesakes.current(),
    follows: (cluster, group) => discovery.clusters().get(cluster)?.groups.get(group) !== undefined,
    firstPolls: () => firstPolls.progress(),
    clusters: () =>
      [...discovery.clusters().values()].map((watch) => ({
        name: watch.name,
        server: watch.server().name,
        groups: watch.groups.size,
        topics: watch.topics.size,
        hiddenGroups: watch.hiddenGroups(),
        groupsOverLimit: groupLimit.leftOut(watch.name),
      })),
    snapshot() {
      const states = allHandlers().map((handler) => handler.state());
      const loads = servers.map((server) => server.load());
      const watches = [...discovery.clusters().values()];
      return {
        servers: servers.map((server) => server.condition()),
        clusters: watches.length,
        groups: sum(watches.map(({ groups }) => groups.size)),
        topics: sum(watches.map(({ topics }) => topics.size)),
        unknown: states.filter((state) => state === 'unknown').length,
        backingOff: states.filter((state) => state === 'backingOff').length,
        waitingRequests: sum(loads.map(({ waiting }) => waiting)),
        inFlightRequests: sum(loads.map(({ inFlight }) => inFlight)),
        lastDiscoveryMs,
      };
    },
    cutAll(nowMs) {
      for (const handler of inKeyOrder(allHandlers())) handler.cut(nowMs);
    },
    async closeAll(nowMs, signal) {
      if (running) throw new Error('closeAll before stop: polls would open new spans');
      await inChunks(inKeyOrder(allHandlers()), pause, signal, (handler) => handler.close(nowMs));
    },
  };
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

/** The promise, or the signal's reason when it aborts first. */
function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
