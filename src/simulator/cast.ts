import { share } from './random.ts';
import { BURSTS, SCENARIOS, STEADY, type ScenarioName } from './scenario.ts';
import type { Flow } from './flow.ts';

/** A topic of a simulated cluster. */
export interface TopicRole {
  readonly name: string;
  readonly production: Flow;
  /** How much later than the world's time 0 its production begins. */
  readonly byMs: number;
}

/** A group of a simulated cluster: who it is, what it reads and what happens to it. */
export interface GroupRole {
  readonly name: string;
  readonly cluster: string;
  readonly topic: TopicRole;
  readonly scenario: ScenarioName;
  /** How much later than the world's time 0 its story begins. */
  readonly byMs: number;
  readonly members: number;
  /** Burrow often knows neither owner nor client. */
  readonly isAnonymous: boolean;
  /** The last partition of the topic has never had a commit. */
  readonly leavesLastUnread: boolean;
}

const TOPICS = {
  'orders-placed': { name: 'orders-placed', production: STEADY, byMs: 0 },
  'email-outbox': { name: 'email-outbox', production: BURSTS, byMs: 0 },
  'catalogue-changes': { name: 'catalogue-changes', production: STEADY, byMs: 30_000 },
  transactions: { name: 'transactions', production: STEADY, byMs: 60_000 },
  // Half a period after the other bursts: at any moment one of the two has just begun or just ended.
  'settlement-files': { name: 'settlement-files', production: BURSTS, byMs: 60_000 },
} as const satisfies Readonly<Record<string, TopicRole>>;

interface CastPart {
  readonly name: string;
  /** Which of the clusters, counted from 0. */
  readonly home: number;
  readonly topic: TopicRole;
  readonly scenario: ScenarioName;
  readonly members: number;
  readonly isAnonymous?: true;
  readonly leavesLastUnread?: true;
}

/** The eight of them show all seven stories, four groups in each of two clusters. */
const PARTS: readonly CastPart[] = [
  { name: 'checkout-worker', home: 0, topic: TOPICS['orders-placed'], scenario: 'calm', members: 2 },
  { name: 'email-sender', home: 0, topic: TOPICS['email-outbox'], scenario: 'bursty', members: 2 },
  { name: 'fraud-detector', home: 1, topic: TOPICS.transactions, scenario: 'rebalancing', members: 3 },
  { name: 'search-indexer', home: 0, topic: TOPICS['catalogue-changes'], scenario: 'stalling', members: 1 },
  {
    name: 'audit-archiver',
    home: 1,
    topic: TOPICS.transactions,
    scenario: 'dying',
    members: 1,
    isAnonymous: true,
  },
  { name: 'settlement-batch', home: 1, topic: TOPICS['settlement-files'], scenario: 'bursty', members: 1 },
  {
    name: 'ledger-writer',
    home: 1,
    topic: TOPICS.transactions,
    scenario: 'stuck',
    members: 2,
    leavesLastUnread: true,
  },
  { name: 'report-builder', home: 0, topic: TOPICS['orders-placed'], scenario: 'rewinding', members: 1 },
];

/**
 * The first `groups` of an endless cast spread over the clusters. From the second round on the names carry a
 * number, and each story begins at its own time, which follows from the seed.
 */
export function castOf(clusters: readonly string[], groups: number, seed: number): readonly GroupRole[] {
  const roles: GroupRole[] = [];
  for (let round = 0; roles.length < groups; round += 1)
    for (const part of PARTS.slice(0, groups - roles.length)) {
      const cluster = clusters[(part.home + 2 * round) % clusters.length];
      if (cluster === undefined) return roles;
      const { periodMs } = SCENARIOS[part.scenario].capacity;
      roles.push({
        name: round === 0 ? part.name : `${part.name}-${round + 1}`,
        cluster,
        topic: part.topic,
        scenario: part.scenario,
        byMs: round === 0 ? 0 : Math.floor(share(seed, part.name, round) * periodMs),
        members: part.members,
        isAnonymous: part.isAnonymous ?? false,
        leavesLastUnread: part.leavesLastUnread ?? false,
      });
    }
  return roles;
}
