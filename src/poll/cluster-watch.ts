import type { Logger } from 'pino';

import type { Outcome } from '../burrow/outcome.ts';
import type { CountException } from '../telemetry/exceptions.ts';
import { createBelievedList, type BelievedList, type ListVerdict } from './believed-list.ts';
import { outcomeOf, type BurrowServer, type RequestOwner } from './burrow-server.ts';
import type { GroupLimit } from './group-limit.ts';
import type { Handler } from './handler.ts';
import { createHandlerSet, type HandlerChanges, type HandlerSet, type Pause } from './handler-set.ts';
import { createNameGate, type HiddenNames, type NameGate, type ShowName } from './name-gate.ts';
import type { NameFilter } from './name-filter.ts';

/** Good discoveries in a row with topics but without groups before the log offers a diagnosis. */
const DIAGNOSE_AFTER = 3;

/** One cluster: which server answers for it, and its live handlers. */
export interface ClusterWatch extends RequestOwner {
  readonly name: string;
  readonly groups: HandlerSet;
  readonly topics: HandlerSet;
  server(): BurrowServer;
  /** Groups that are listed and that the filter leaves out. */
  hiddenGroups(): HiddenNames;
  /** Asks the server that has the cluster now. */
  ask: BurrowServer['ask'];
  /** Follows by other filters from now on: what is denied now ends, and what is allowed now is found at the next refresh. */
  refilter(filters: Pick<ClusterWatchOptions, 'groups' | 'topics'>, signal: AbortSignal): Promise<void>;
  /**
   * Another server answers from now on; handlers and series stay. What still waits for an answer of the old one is
   * cancelled, since it may be a server that hangs.
   */
  moveTo(server: BurrowServer): void;
  /** The server failed to say which clusters it has: nothing ends. */
  doubt(): void;
  /**
   * Takes these names for listed, although no list is known yet: they were polled by a former process. The lists decide
   * about them as about any others, once they are believed.
   */
  remember(names: RememberedNames, signal: AbortSignal): Promise<void>;
  /** Asks for both lists and matches the handlers with them. Either list may fail without harm to the other. */
  refresh(counts: boolean, signal: AbortSignal): Promise<ClusterChanges>;
  /**
   * Its server lists the cluster no more: every group and topic of it is missing, and ends as others that are.
   *
   * @param others whether it lists any other; one that lists none may have restarted and still fill
   */
  miss(others: 'others' | 'none', counts: boolean, signal: AbortSignal): Promise<ClusterChanges>;
  /** The cluster is denied now: all of it ends, and other clusters have the room that it took. */
  end(signal: AbortSignal): Promise<void>;
}

/** Groups and topics of one cluster that a former process polled. */
export interface RememberedNames {
  readonly groups: readonly string[];
  readonly topics: readonly string[];
}

/** What one discovery changed in a cluster. */
export interface ClusterChanges {
  /** The groups that its server lists; null where it gave no list. */
  readonly listedGroups: readonly string[] | null;
  readonly groups: HandlerChanges;
  readonly topics: HandlerChanges;
}

export interface ClusterWatchDeps {
  /** Makes a handler, not yet started. */
  createConsumer(watch: ClusterWatch, group: string, newcomers: number): Handler;
  createTopic(watch: ClusterWatch, topic: string, newcomers: number): Handler;
  readonly pause: Pause;
  readonly groupLimit: GroupLimit;
  readonly isAddressable: (name: string) => boolean;
  /** See `UrlMaintainerDeps`. */
  readonly shownAs: ShowName;
  readonly count: CountException;
  readonly log: Logger;
}

export interface ClusterWatchOptions {
  readonly name: string;
  readonly groups: NameFilter;
  readonly topics: NameFilter;
  /** Discoveries in a row, see {@link createBelievedList}. */
  readonly deadAfter: number;
  /** Read at each discovery. */
  readonly patience: number;
}

export function createClusterWatch(
  deps: ClusterWatchDeps,
  firstServer: BurrowServer,
  options: ClusterWatchOptions,
): ClusterWatch {
  const { count, log, pause } = deps;
  const { name } = options;
  let server = firstServer;
  let withoutGroups = 0;
  let isHeard = false;
  const groupList = createBelievedList(options);
  const topicList = createBelievedList(options);
  const gate = (what: 'group' | 'topic', filter: NameFilter): NameGate =>
    createNameGate(
      { filter, isAddressable: deps.isAddressable, shownAs: deps.shownAs, count, log },
      { what, clusterOf: () => name },
    );
  const groupGate = gate('group', options.groups);
  const topicGate = gate('topic', options.topics);

  const watch: ClusterWatch = {
    name,
    groups: createHandlerSet({
      create: (group, newcomers) => deps.createConsumer(watch, group, newcomers),
      pause,
    }),
    topics: createHandlerSet({
      create: (topic, newcomers) => deps.createTopic(watch, topic, newcomers),
      pause,
    }),
    server: () => server,
    hiddenGroups: () => groupGate.hidden(),
    async refilter({ groups, topics }, signal) {
      groupGate.refilter(groups);
      topicGate.refilter(topics);
      await endRefused(watch.groups, groupGate, signal);
      await endRefused(watch.topics, topicGate, signal);
    },
    failed() {
      groupList.shake();
      topicList.shake();
    },
    ask: (subject, send, urgency, signal) => server.ask(subject, send, urgency, signal, watch),
    moveTo(next) {
      log.info({ cluster: name, from: server.name, to: next.name }, 'cluster moves to another Burrow server');
      const former = server;
      server = next;
      // Where the former one gave no list, this one is the first to be asked: no doubt comes of that.
      if (isHeard) doubt();
      former.cancelOf(watch);
    },
    doubt,
    async remember({ groups, topics }, signal) {
      await watch.groups.match(groups, [], signal);
      await watch.topics.match(topics, [], signal);
      // Where handlers sleep until an event wakes them, an open span must be looked after at once.
      for (const group of groups) watch.groups.get(group)?.wake();
    },
    async refresh(counts, signal) {
      const groupsAsked = watch.ask(
        'lists',
        (client, sent) => client.groups(name, sent),
        'discovery',
        signal,
      );
      const topicsAsked = watch.ask(
        'lists',
        (client, sent) => client.topics(name, sent),
        'discovery',
        signal,
      );
      const [groups, topics] = await Promise.all([outcomeOf(groupsAsked), outcomeOf(topicsAsked)]);
      signal.throwIfAborted();
      if (counts) diagnose(groups, topics);
      return match(groups, topics, counts, signal);
    },
    miss(others, counts, signal) {
      const list = others === 'none' ? EMPTY : UNKNOWN;
      return match(list, list, counts, signal);
    },
    async end(signal) {
      deps.groupLimit.take(name, [], watch.groups.byName);
      await watch.groups.match([], [...watch.groups.byName.keys()], signal);
      await watch.topics.match([], [...watch.topics.byName.keys()], signal);
    },
  };
  return watch;

  async function match(
    groups: Outcome<readonly string[]> | null,
    topics: Outcome<readonly string[]> | null,
    counts: boolean,
    signal: AbortSignal,
  ): Promise<ClusterChanges> {
    return {
      listedGroups: groups?.kind === 'ok' ? groups.value : null,
      groups: await matchOne(groups, groupList, groupGate, watch.groups, counts, signal),
      topics: await matchOne(topics, topicList, topicGate, watch.topics, counts, signal),
    };
  }

  async function matchOne(
    outcome: Outcome<readonly string[]> | null,
    list: BelievedList,
    gate: NameGate,
    handlers: HandlerSet,
    counts: boolean,
    signal: AbortSignal,
  ): Promise<HandlerChanges> {
    if (outcome?.kind === 'unreachable') count(name, 'burrowUnreachable', 1);
    if (outcome?.kind === 'invalid') count(name, 'burrowInvalid', 1);
    const { names, gone } = outcome === null ? NOTHING : list.hear(outcome, handlers.byName, counts);
    if (names === null) return { added: [], removed: [] };
    isHeard = true;
    // Whoever is followed, though the list lacks him, is judged with those that are listed.
    const dead = new Set(gone);
    const followed = [...handlers.byName.keys()].filter((followedName) => !dead.has(followedName));
    const admitted = gate.admit([...new Set([...names, ...followed])]);
    const isAdmitted = new Set(admitted);
    const refused = followed.filter((followedName) => !isAdmitted.has(followedName));
    const within =
      handlers === watch.groups ? deps.groupLimit.take(name, admitted, handlers.byName) : admitted;
    return handlers.match(within, [...gone, ...refused], signal);
  }

  async function endRefused(handlers: HandlerSet, gate: NameGate, signal: AbortSignal): Promise<void> {
    const refused = [...handlers.byName.keys()].filter((each) => !gate.passes(each));
    await handlers.match([], refused, signal);
  }

  function doubt(): void {
    groupList.doubt();
    topicList.doubt();
  }

  /** Burrow lower-cases cluster names for its consumers but not for topics; half a cluster is all one sees of it. */
  function diagnose(
    groups: Outcome<readonly string[]> | null,
    topics: Outcome<readonly string[]> | null,
  ): void {
    if (groups?.kind !== 'ok' || topics?.kind !== 'ok') return;
    withoutGroups = groups.value.length === 0 && topics.value.length > 0 ? withoutGroups + 1 : 0;
    if (withoutGroups !== DIAGNOSE_AFTER) return;
    log.warn(
      { cluster: name, topics: topics.value.length },
      'Burrow knows topics of this cluster but no consumers; if it has consumers, write the cluster name in lower case everywhere in the configuration of Burrow',
    );
  }
}

/** What a server says of a cluster that it does not have. */
const UNKNOWN: Outcome<never> = { kind: 'notFound' };
const EMPTY: Outcome<readonly string[]> = { kind: 'ok', value: [] };
const NOTHING: ListVerdict = { names: null, gone: [] };
