import { Kafka, logLevel } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCleanups } from '../integration/support/cleanups.ts';
import { startSidecar, type Settings, type SidecarProcess } from '../integration/support/sidecar-process.ts';
import { freePorts } from '../stack/free-port.ts';
import { openHeldLine, type HeldLine } from '../stack/held-line.ts';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { sumOfMetric } from './support/count-metric.ts';
import { isFull } from './support/form.ts';
import { judgeOutcome } from './support/outcome.ts';
import { readBack } from './support/read-back.ts';
import { startTickingBurrow } from './support/ticking-burrow.ts';

const TIMEOUT_MS = 10 * 60_000;
/** Longer than a request may take, several times. */
const HELD_MS = 23_000;
/** Longer than polling waits for the ledger. */
const AWAY_MS = 50_000;

describe.runIf(isFull('a ledger that is hard to reach') && stackIsPossible())(
  'given a sidecar whose ledger is hard to reach',
  () => {
    const cleanups = createCleanups();
    let cluster: KafkaCluster;
    let line: HeldLine;
    beforeAll(async () => {
      const [port = 0] = await freePorts(1);
      cluster = await startKafka({ listeners: { HELD: 'PLAINTEXT' }, advertisedPorts: { HELD: port } });
      line = await openHeldLine(port, Number(cluster.servers('HELD')[0]?.split(':')[1]));
    });
    afterEach(() => cleanups.run());
    afterAll(async () => {
      await line.close();
      await cluster.stop();
    });

    async function setOut(topic: string, brokers: readonly string[]) {
      const admin = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
      await admin.disconnect();
      const burrow = await startTickingBurrow(cleanups.add, { groups: 20 });
      const settings: Settings = {
        'burrow.servers': burrow.url,
        'kafka.brokers': brokers.join(','),
        'kafka.topic': topic,
        'kafka.timeout': '3s',
        'poll.interval': '2s',
        'discovery.interval': '2s',
        'series.source': topic,
      };
      return { burrow, start: () => startSidecar(settings, cleanups.add) };
    }

    async function flows(sidecar: SidecarProcess, records = 300): Promise<void> {
      const count = () => sumOfMetric(sidecar.url, 'burrow_rainbow_records_acknowledged_total');
      const before = await count();
      await pollUntil(async () => ((await count()) >= before + records ? true : undefined), {
        what: 'more records',
        withinMs: 120_000,
      });
    }

    const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

    async function endWhole(
      sidecar: SidecarProcess,
      topic: string,
      burrow: Parameters<typeof judgeOutcome>[0],
    ) {
      sidecar.send('SIGTERM');
      expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
      const { danglingSpans, faults } = judgeOutcome(burrow, await readBack(cluster.bootstrapServers, topic));
      expect({ danglingSpans, faults }).toEqual({ danglingSpans: 0, faults: [] });
    }

    test(
      'when its connections are held for long and pass on in the wrong order, and it is killed then, then no series stays open',
      { timeout: TIMEOUT_MS },
      async () => {
        const { burrow, start } = await setOut('held', [`127.0.0.1:${line.port}`]);
        const sidecar = await start();
        await flows(sidecar);
        line.hold();
        line.holdNew();
        await pause(HELD_MS);
        expect(line.heldBytes()).toBeGreaterThan(0);
        await line.release();
        await flows(sidecar);
        // It may have gone on without the ledger meanwhile, and says so until that has caught up.
        await pollUntil(async () => ((await sidecar.health()).status === 'ok' ? true : undefined), {
          what: 'the health check to be good',
          withinMs: 60_000,
        });
        await flows(sidecar);
        sidecar.send('SIGKILL');
        await sidecar.ended;
        const next = await start();
        await flows(next);
        await endWhole(next, 'held', burrow);
      },
    );

    test(
      'when Kafka is away for long at its start after it was killed, then time goes on in every series, and none stays open',
      { timeout: TIMEOUT_MS },
      async () => {
        const { burrow, start } = await setOut('late', cluster.bootstrapServers);
        const sidecar = await start();
        await flows(sidecar);
        sidecar.send('SIGKILL');
        await sidecar.ended;
        const [broker] = cluster.brokers;
        await broker?.kill();
        const next = await start();
        await pause(AWAY_MS);
        await broker?.start();
        await pollUntil(
          () =>
            next.log().find(({ msg }) => msg.startsWith('The ledger of open spans has been read at last')),
          { what: 'the ledger to be read', withinMs: 60_000 },
        );
        await flows(next, 1000);
        await endWhole(next, 'late', burrow);
      },
    );
  },
);
