import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startSidecar, type Settings, type SidecarProcess } from '../integration/support/sidecar-process.ts';
import { connect } from '../kafka/real-brokers.ts';
import { startKafka, type KafkaBroker, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { handOver } from './support/fault-row.ts';
import { judgeOutcome } from './support/outcome.ts';
import { readBack } from './support/read-back.ts';
import { startTickingBurrow, type TickingBurrow } from './support/ticking-burrow.ts';

/** Seconds that a stop is given in these tests. */
const DEADLINE_SECONDS = 3;
/** What a process needs to end once its deadline is over; the brokers that are away are not waited for again. */
const GRACE_SECONDS = 2;

describe.skipIf(!stackIsPossible())('given a sidecar whose only broker is away', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  let admin: Admin;
  const broker = (): KafkaBroker => cluster.brokers[0]!;
  beforeAll(async () => {
    cluster = await startKafka({ brokers: 1 });
    ({ admin } = connect(cluster));
    await admin.connect();
  });
  afterAll(async () => {
    await cleanups.run();
    await admin.disconnect();
    await cluster.stop();
  });

  /** A sidecar that has delivered for a while, then lost its broker, and has samples that wait. */
  async function loseBroker(topic: string, settings: Settings) {
    await broker().start();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
    const burrow = await startTickingBurrow(cleanups.add);
    const start = () =>
      startSidecar(
        {
          'burrow.servers': burrow.url,
          'kafka.brokers': cluster.bootstrapServers.join(','),
          'kafka.topic': topic,
          'series.source': topic,
          'stop.deadline': `${DEADLINE_SECONDS}s`,
          ...settings,
        },
        cleanups.add,
      );
    const sidecar = await start();
    await until('records', async () => (await acknowledged(sidecar)) > 100);
    await broker().kill();
    const told = burrow.groups.map((group) => burrow.answered(group).length);
    await until('samples of every group that wait', () =>
      burrow.groups.every((group, index) => burrow.answered(group).length > (told[index] ?? 0) + 1),
    );
    return { burrow, sidecar, start };
  }

  /** Sends SIGTERM and waits for the end, which must come in time. */
  async function stop(sidecar: SidecarProcess) {
    const askedMs = performance.now();
    sidecar.send('SIGTERM');
    const ending = await sidecar.ended;
    const seconds = (performance.now() - askedMs) / 1000;
    expect(ending).toEqual({ exitCode: 0, signal: null });
    expect(seconds).toBeLessThan(DEADLINE_SECONDS + GRACE_SECONDS);
    expect(sidecar.log().at(-1)?.msg).toBe('Stopped');
    return seconds;
  }

  async function endOf(topic: string, burrow: TickingBurrow) {
    return judgeOutcome(burrow, await readBack(cluster.bootstrapServers, topic));
  }

  test('when it is stopped with a disk, then it says what stays there, and the next start delivers it', async ({
    task,
  }) => {
    const path = await mkdtemp(join(tmpdir(), 'rainbow-outbox-'));
    cleanups.add(() => rm(path, { recursive: true, force: true }));
    const { burrow, sidecar, start } = await loseBroker('kept', { 'outbox.disk.path': path });
    await burrow.pause();
    const seconds = await stop(sidecar);
    const left = sidecar.log().filter(({ msg }) => msg.startsWith('Stopped;'));
    expect(left).toMatchObject([
      { level: 'warn', msg: 'Stopped; samples stay on disk and are delivered after the next start' },
    ]);
    // Those of the polls, and the zero-ends of every group.
    expect(left[0]?.['samples']).toBeGreaterThan(2 * burrow.groups.length);
    expect(sidecar.log().filter(({ level }) => level === 'error')).toEqual([]);

    await broker().start();
    const next = await start();
    // Burrow is paused: what it delivers can only come from the disk, which it opens after HTTP listens.
    await until('records from the disk', async () => (await acknowledged(next)) > 0);
    await until('the disk to empty', async () => (await next.metric('burrow_rainbow_outbox_samples')) === 0);
    next.send('SIGTERM');
    await next.ended;
    const outcome = await endOf('kept', burrow);
    handOver(task, {
      fault: 'SIGTERM while the broker is away, outbox on disk',
      samplesTaken: burrow.groups.reduce((sum, group) => sum + burrow.answered(group).length, 0),
      samplesDelivered: outcome.delivered,
      samplesDropped: 0,
      duplicates: outcome.duplicates.length,
      danglingSpans: outcome.danglingSpans,
      note: `ended in ${seconds.toFixed(1)} s of ${DEADLINE_SECONDS}, ${String(left[0]?.['samples'])} samples kept`,
    });
    expect(outcome).toMatchObject({ missing: [], danglingSpans: 0, faults: [] });
  });

  test('when it is stopped without a disk, then it says what is lost, and the next start closes the spans', async ({
    task,
  }) => {
    const { burrow, sidecar, start } = await loseBroker('lost', {});
    await burrow.pause();
    const seconds = await stop(sidecar);
    const lost = sidecar.log().filter(({ level }) => level === 'error');
    expect(lost).toMatchObject([{ msg: 'Stopped with records that were not delivered' }]);
    const samples = Number(lost[0]?.['samples']);
    expect(samples).toBeGreaterThan(2 * burrow.groups.length);
    const taken = burrow.groups.reduce((sum, group) => sum + burrow.answered(group).length, 0);

    await broker().start();
    const next = await start();
    burrow.resume();
    await until('records of the next', async () => (await acknowledged(next)) > 100);
    await burrow.pause();
    next.send('SIGTERM');
    await next.ended;
    const outcome = await endOf('lost', burrow);
    const all = burrow.groups.reduce((sum, group) => sum + burrow.answered(group).length, 0);
    handOver(task, {
      fault: 'SIGTERM while the broker is away, no disk',
      samplesTaken: all,
      samplesDelivered: outcome.delivered,
      samplesDropped: samples,
      duplicates: outcome.duplicates.length,
      danglingSpans: outcome.danglingSpans,
      note: `ended in ${seconds.toFixed(1)} s of ${DEADLINE_SECONDS}, the loss told`,
    });
    expect(outcome.danglingSpans).toBe(0);
    // A span whose start was among what was lost is ended all the same: the ledger had it opened already.
    expect(outcome.faults.filter((fault) => !fault.startsWith('has zeroes'))).toEqual([]);
    // What it says is lost is no less than what is; the rest of it are the zero-ends and the traffic.
    expect(outcome.missing.length).toBeGreaterThan(0);
    expect(outcome.missing.length).toBeLessThanOrEqual(samples);
    expect(outcome.delivered).toBe(all - outcome.missing.length);
    expect(taken).toBeGreaterThan(0);
  });

  test('when a second signal comes while it waits for the first, then it ends at once', async () => {
    const { sidecar } = await loseBroker('twice', { 'stop.deadline': '5m' });
    sidecar.send('SIGTERM');
    await until('it to heed the first', () => sidecar.log().some(({ msg }) => msg === 'Asked to stop'));
    // What follows the first at once counts as one with it.
    const again = setInterval(() => sidecar.send('SIGTERM'), 300);
    await until('it to end', () =>
      sidecar.log().some(({ msg }) => msg === 'Asked to stop again: exiting at once'),
    );
    clearInterval(again);
    await expect(sidecar.ended).resolves.toEqual({ exitCode: 1, signal: null });
    expect(sidecar.log().at(-1)?.msg).toBe('Asked to stop again: exiting at once');
  });
});

function acknowledged(sidecar: SidecarProcess): Promise<number> {
  return sidecar.metric('burrow_rainbow_records_acknowledged_total{cluster="prod"}');
}

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs: 60_000 });
}
