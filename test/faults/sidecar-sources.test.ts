import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startSidecar, type Settings, type SidecarProcess } from '../integration/support/sidecar-process.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { sumOfMetric } from './support/count-metric.ts';
import { isFull } from './support/form.ts';
import { judgeOutcome } from './support/outcome.ts';
import { readBack } from './support/read-back.ts';
import { startTickingBurrow } from './support/ticking-burrow.ts';

/** Signs of life are half a minute apart, so that one is taken for dead after three minutes at most. */
const SIGN_MS = 30_000;
const TO_DEATH_MS = 8 * SIGN_MS;
const TIMEOUT_MS = 15 * 60_000;

describe.runIf(isFull('two sidecars that share a ledger') && stackIsPossible())(
  'given two sidecars that share a ledger',
  () => {
    const cleanups = createCleanups();
    let cluster: KafkaCluster;
    beforeAll(async () => {
      cluster = await startKafka();
    });
    afterEach(() => cleanups.run());
    afterAll(() => cluster.stop());

    async function setOut(topic: string) {
      const admin = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
      await admin.disconnect();
      const burrow = await startTickingBurrow(cleanups.add, { groups: 10 });
      const start = (source: string): Promise<SidecarProcess> => {
        const settings: Settings = {
          'burrow.servers': burrow.url,
          'kafka.brokers': cluster.bootstrapServers.join(','),
          'kafka.topic': topic,
          'kafka.timeout': '5s',
          'poll.interval': '2s',
          'discovery.interval': '2s',
          'series.source': source,
        };
        return startSidecar(settings, cleanups.add);
      };
      return { burrow, start };
    }

    function until(what: string, holds: () => Promise<boolean> | boolean, withinMs = 60_000): Promise<true> {
      return pollUntil(async () => ((await holds()) ? true : undefined), { what, withinMs });
    }

    async function flows(sidecar: SidecarProcess, records = 200): Promise<void> {
      const count = () => sumOfMetric(sidecar.url, 'burrow_rainbow_records_acknowledged_total');
      const before = await count();
      await until('more records', async () => (await count()) >= before + records);
    }

    async function stop(sidecar: SidecarProcess): Promise<void> {
      sidecar.send('SIGTERM');
      expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
    }

    const logs = (sidecar: SidecarProcess, message: string): boolean =>
      sidecar.log().some(({ msg }) => msg.startsWith(message));

    test(
      'when one stands still until the other has ended its series, then it begins anew, and no series stays open after it was killed',
      { timeout: TIMEOUT_MS },
      async () => {
        const { burrow, start } = await setOut('stood-still');
        const [one, other] = [await start('one'), await start('other')];
        await flows(one);
        await flows(other);
        one.send('SIGSTOP');
        await until('the other to end its series', () => logs(other, 'Another source has died'), TO_DEATH_MS);
        await flows(other);
        one.send('SIGCONT');
        await until('it to notice', () => logs(one, 'Another source has taken this one for dead'));
        await flows(one, 1000);
        one.send('SIGKILL');
        await one.ended;
        const next = await start('one');
        await flows(next);
        await stop(next);
        await stop(other);
        const { danglingSpans, faults } = judgeOutcome(
          burrow,
          await readBack(cluster.bootstrapServers, 'stood-still'),
        );
        expect({ danglingSpans, faults }).toEqual({ danglingSpans: 0, faults: [] });
      },
    );

    test(
      'when a second one is started with the source of the first, then both say so, until one has gone',
      { timeout: TIMEOUT_MS },
      async () => {
        const { start } = await setOut('same-source');
        const first = await start('same');
        await flows(first);
        const second = await start('same');
        const reasonOf = async (sidecar: SidecarProcess): Promise<string> =>
          (await sidecar.health()).parts.find(({ name }) => name === 'ledger')?.reason ?? '';
        for (const each of [first, second]) {
          await until(
            'both to say so',
            async () => (await reasonOf(each)).startsWith('another process uses series.source same, too'),
            3 * SIGN_MS,
          );
          expect((await each.health()).status).toBe('degraded');
        }
        await stop(first);
        await until('it to be over', async () => (await reasonOf(second)) === '', 5 * SIGN_MS);
        const told = second.log().filter(({ msg }) => msg.includes('series.source'));
        expect(told.map(({ level }) => level)).toEqual(['warn', 'info']);
      },
    );
  },
);
