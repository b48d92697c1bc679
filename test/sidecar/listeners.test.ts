import { expect, test } from 'vitest';
import { createListeners, type Listener } from '../../src/sidecar/listeners.ts';

const STATE = {
  cluster: 'prod',
  group: 'g',
  totalLagRecords: 1,
  maxLagRecords: 1,
  status: 1,
  partitions: 1,
  stoppedPartitions: 0,
  stalledPartitions: 0,
  blankOwners: 0,
  consumedPerSecond: null,
  producedPerSecond: null,
  takenAtMs: 1,
};

/** One of each event, with what it says. */
const EVENTS: { readonly [Event in keyof Listener]-?: Parameters<NonNullable<Listener[Event]>> } = {
  clusterFound: ['prod'],
  clusterGone: ['prod'],
  requested: ['burrow', 'ok', 0.5],
  sampleTaken: ['prod', null],
  groupSeen: [STATE],
  statusChanged: [STATE, { from: 1, to: 3, atMs: 1, lastedMs: 60_000, isLastedExact: true }],
  groupGone: ['prod', 'g'],
  emitted: [{ key: 'k', cluster: 'prod', takenAtMs: 1, records: [] }],
  acknowledged: ['prod', 3],
  dropped: [{ cluster: 'prod', cause: 'full', samples: 1, records: 2 }],
  sinkFault: ['silent'],
  exception: ['prod', 'offsetRewind', 2],
  minute: [[], 60_000],
  notified: [{ cluster: 'prod', group: 'g', event: 'open', status: null, id: null }, 5],
  notifierEvents: ['woken', 4],
};

type Told = readonly [name: string, event: string, ...said: unknown[]];

/** Hears everything, and writes down what. */
function createWitness(name: string, told: Told[]): Listener {
  const entries = Object.keys(EVENTS).map((event) => [
    event,
    (...said: unknown[]) => void told.push([name, event, ...said]),
  ]);
  return Object.fromEntries(entries) as Listener;
}

test('given several listeners, when something happens, then each is told of it in order, and those that do not care are not', () => {
  const listeners = createListeners();
  const told: Told[] = [];
  listeners.add(createWitness('first', told), {});
  listeners.add(createWitness('last', told));
  for (const [event, said] of Object.entries(EVENTS)) {
    (listeners[event as keyof Listener] as (...said: unknown[]) => void)(...said);
  }
  expect(told).toEqual(
    Object.entries(EVENTS).flatMap(([event, said]) => [
      ['first', event, ...said],
      ['last', event, ...said],
    ]),
  );
});
