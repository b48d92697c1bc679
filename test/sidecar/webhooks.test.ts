import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/platform/clock.ts';
import { createSimulatedAnswers } from '../../src/simulator/burrow-simulator.ts';
import { createFaultyBurrow } from '../support/burrow/faulty-burrow.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { startSidecarOn } from '../support/started-sidecar.ts';

const GROUPS = 155;
const UNTOUCHED = 5;

/**
 * The Burrow answers a hundred requests a second at most, one after the other. Polls take 39 of them; the webhooks, if
 * they all were followed at once, 150, and then nothing else was ever polled.
 */
test(
  'given a sidecar and a slow Burrow, when webhooks name nearly all groups twice a second for as long as it takes, then the others are polled all the same, and new groups are looked for',
  { timeout: 120_000 },
  async () => {
    const { signal } = new AbortController();
    const simulator = createFaultyBurrow({
      answer: createSimulatedAnswers(systemClock, { groups: GROUPS, clusters: ['orders'] }),
    });
    await simulator.start(signal);
    onTestFinished(() => simulator.stop(signal));
    const { url } = await startSidecarOn(simulator.url, [
      'burrow.concurrency=1',
      'discovery.interval=4s',
      'discovery.topics.deny=.',
      'poll.interval=4s',
    ]);
    const lists = `/v3/kafka/orders/consumer`;
    const { consumers } = (await (await fetch(simulator.url + lists)).json()) as { consumers: string[] };
    const untouched = consumers.slice(0, UNTOUCHED);
    const polls = (): number[] => untouched.map((group) => simulator.requests.of(`${lists}/${group}/lag`));
    await pollUntil(() => (polls().every((times) => times > 0) ? true : undefined), {
      what: 'a first poll of every group',
      withinMs: 60_000,
    });

    simulator.faults.set('', { kind: 'delay', delayMs: 10 });
    const body = JSON.stringify({
      events: consumers.slice(UNTOUCHED).map((group) => ({ event: { cluster: 'orders', group } })),
    });
    const post = async (): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      expect((await fetch(`${url}/notifier`, { method: 'POST', headers, body })).status).toBe(202);
    };
    const before = polls();
    const listsBefore = simulator.requests.of(lists);
    await pollUntil(
      async () => {
        await Promise.all([post(), post()]);
        const isPolled = polls().every((times, index) => times >= (before[index] ?? 0) + 2);
        return isPolled && simulator.requests.of(lists) > listsBefore ? true : undefined;
      },
      { what: 'two polls of each group that no webhook names', withinMs: 60_000, everyMs: 500 },
    );

    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const outcome of ['woken', 'merged', 'deferred']) {
      expect(metrics).toMatch(
        new RegExp(`^burrow_rainbow_notifier_events_total\\{outcome="${outcome}"\\} [1-9]`, 'm'),
      );
    }
  },
);

test(
  'given a sidecar that asks only when a webhook tells it to, when webhooks are odd, early or lost, then every group is asked for all the same',
  { timeout: 60_000 },
  async () => {
    const { signal } = new AbortController();
    const burrow = createScriptedBurrow();
    for (const group of ['odd', 'lost']) burrow.world.setLag('prod', group, 'orders', 0, 5);
    await burrow.start(signal);
    onTestFinished(() => burrow.stop(signal));
    const start = (safety: string) =>
      startSidecarOn(burrow.url, [
        'discovery.interval=1s',
        'poll.interval=1s',
        'poll.push=only',
        `poll.pushSafety=${safety}`,
      ]);
    const polls = (group: string): number => burrow.requests.of(`/v3/kafka/prod/consumer/${group}/lag`);
    const polled = (group: string) =>
      pollUntil(() => (polls(group) > 0 ? true : undefined), {
        what: `a poll of ${group}`,
        withinMs: 20_000,
      });
    const post = async (url: string, body: object): Promise<number> => {
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${url}/notifier`, { method: 'POST', headers, body: JSON.stringify(body) })).status;
    };

    const { url } = await start('1h');
    const listed = () => (burrow.requests.of('/v3/kafka/prod/consumer') > 1 ? true : undefined);
    await pollUntil(listed, { what: 'two discoveries', withinMs: 20_000 });
    expect(polls('odd')).toBe(0);
    expect(await post(url, { cluster: 'prod', group: 'odd', event: 'flapping', events: {}, id: [] })).toBe(
      202,
    );
    await polled('odd');
    expect(await post(url, { cluster: 'prod', group: 'early' })).toBe(202);
    burrow.world.setLag('prod', 'early', 'orders', 0, 5);
    await polled('early');
    expect(polls('lost')).toBe(0);

    await start('1s');
    await polled('lost');
  },
);
