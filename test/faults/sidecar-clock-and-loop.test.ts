import { afterAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { besideOthers } from '../integration/support/concurrency.ts';
import { handOver } from './support/fault-row.ts';
import { inForm } from './support/form.ts';
import { setStdoutScene, type StdoutEnding, type StdoutScene } from './support/stdout-scene.ts';
import { CLUSTER } from './support/ticking-burrow.ts';

const POLL_SECONDS = 2;
/** Sets the clock of the process at the signal. Timers and `performance.now` go on, as they do with a real clock. */
const setClockAtSignal = (byMs: number): string =>
  'let ahead = 0; const now = Date.now; Date.now = () => now() + ahead;' +
  `process.on('SIGUSR2', () => { ahead += ${byMs}; });`;
/** Keeps the event loop of the process busy at the signal. */
const blockAtSignal = (ms: number): string =>
  `process.on('SIGUSR2', () => { const end = performance.now() + ${ms}; while (performance.now() < end); });`;

/** What is found after the fault, when everything has been delivered. */
interface Aftermath {
  readonly ending: StdoutEnding;
  readonly health: Awaited<ReturnType<StdoutScene['sidecar']['health']>>;
  /** Requests about each group since the fault began, and how many there should have been. */
  readonly polls: number;
  readonly duePolls: number;
}

describe('given a sidecar with twenty groups', besideOthers, () => {
  const cleanups = createCleanups();
  afterAll(() => cleanups.run());

  async function setScene(preload: string): Promise<StdoutScene> {
    const scene = await setStdoutScene({ groups: 20, preload }, cleanups.add);
    await scene.flows();
    return scene;
  }

  /** The fault, and what comes of it over so many further samples of each group. */
  async function strike(scene: StdoutScene, samples: number): Promise<Aftermath> {
    const { burrow, sidecar } = scene;
    const asked = (): number =>
      burrow.groups.reduce((sum, group) => sum + burrow.requests.of(pathOf(group)), 0);
    const before = asked();
    const struckMs = performance.now();
    sidecar.send('SIGUSR2');
    await scene.flows(samples);
    const seconds = (performance.now() - struckMs) / 1000;
    const polls = (asked() - before) / burrow.groups.length;
    const health = await sidecar.health();
    return { ending: await scene.end(), health, polls, duePolls: seconds / POLL_SECONDS };
  }

  function expectWhole({ ending, polls, duePolls }: Aftermath): void {
    expect(ending).toMatchObject({ missing: [], duplicates: [], danglingSpans: 0, faults: [] });
    expect(ending.delivered).toBe(ending.taken);
    // One may come out of turn, because a clock that is set moves the places of all groups in their interval.
    expect(polls).toBeLessThanOrEqual(duePolls + 2);
  }

  const note = ({ polls, duePolls }: Aftermath): string =>
    `${polls.toFixed(1)} polls a group where ${duePolls.toFixed(1)} were due`;

  test('when the system clock is set forward by an hour, then all goes on', async ({ task }) => {
    const scene = await setScene(setClockAtSignal(3_600_000));
    const aftermath = await strike(scene, inForm({ short: 5, full: 60 }));
    handOver(task, aftermath.ending.row('system clock set forward by an hour', note(aftermath)));
    expectWhole(aftermath);
    expect(aftermath.health).toMatchObject({ httpStatus: 200, status: 'ok' });
  });

  test('when the system clock is set back by an hour, then all goes on, and the health check tells', async ({
    task,
  }) => {
    const scene = await setScene(setClockAtSignal(-3_600_000));
    const aftermath = await strike(scene, inForm({ short: 5, full: 60 }));
    handOver(task, aftermath.ending.row('system clock set back by an hour', note(aftermath)));
    expectWhole(aftermath);
    expect(aftermath.health).toMatchObject({ httpStatus: 200, status: 'degraded' });
    expect(aftermath.health.parts.find(({ name }) => name === 'clock')?.reason).toMatch(
      /^the system clock was set back: records are stamped 3\d{3} s ahead of it/,
    );
    const lines = scene.sidecar.log().filter(({ part }) => part === 'clock');
    expect(lines).toMatchObject([{ level: 'warn', msg: expect.stringMatching(/was set back/) as string }]);
    expect(lines[0]?.['bySeconds']).toBeCloseTo(3600, 0);
  });

  test('when the system clock is set back by a second and more, then it catches up, and the log tells', async ({
    task,
  }) => {
    const scene = await setScene(setClockAtSignal(-1200));
    const aftermath = await strike(scene, 10);
    handOver(task, aftermath.ending.row('system clock set back by 1.2 s', note(aftermath)));
    expectWhole(aftermath);
    expect(aftermath.health).toMatchObject({ httpStatus: 200, status: 'ok' });
    const lines = scene.sidecar.log().filter(({ part }) => part === 'clock');
    expect(lines.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(lines[1]?.['lastedSeconds']).toBeGreaterThan(10);
  });

  test('when the event loop is blocked, then nothing is lost and polls catch up without a storm', async ({
    task,
  }) => {
    const blockedSeconds = inForm({ short: 3, full: 10 });
    const scene = await setScene(blockAtSignal(1000 * blockedSeconds));
    const aftermath = await strike(scene, 5);
    handOver(task, aftermath.ending.row(`event loop blocked for ${blockedSeconds} s`, note(aftermath)));
    expectWhole(aftermath);
    expect(aftermath.health).toMatchObject({ httpStatus: 200, status: 'ok' });
  });
});

function pathOf(group: string): string {
  return `/v3/kafka/${CLUSTER}/consumer/${group}/lag`;
}
