/**
 * By hand: starts three brokers, connects a Kafka sink to all of them, and prints how much of a core it uses idle.
 *
 *     npx tsx test/kafka/measure-idle-cpu.ts
 *     npx -y -p node@24 -c 'node --import tsx test/kafka/measure-idle-cpu.ts'
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { idleTimer } from '../../src/kafka/patches/idle-timer.ts';
import { createKafkaSink } from '../../src/sinks/kafka/kafka-sink.ts';
import { sampleOf } from '../outbox/sample-of.ts';
import { startKafka } from '../stack/kafka.ts';
import { createReport } from '../sinks/report.ts';

const measuredMs = 30_000;

const warnings: string[] = [];
process.on('warning', ({ name }) => warnings.push(name));
// The clients that start and prepare the brokers have the same timer.
idleTimer.apply();
const cluster = await startKafka({ brokers: 3 });
try {
  const admin = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'speed-racer', numPartitions: 9, replicationFactor: 3 }] });
  await admin.disconnect();
  const sink = createKafkaSink(
    { clock: systemClock, scheduler: systemScheduler, log: pino({ level: 'warn' }) },
    {
      brokers: cluster.bootstrapServers,
      clientId: 'idle',
      topic: 'speed-racer',
      compression: 'gzip',
      linesPerMessage: 1,
    },
  );
  const forever = new AbortController().signal;
  await sink.start(forever);
  const samples = Array.from({ length: 100 }, (_, index) => sampleOf(`c/g${index}`, ['a']));
  await sink.deliver(samples, createReport().report, forever);
  await sleep(2000);
  const before = process.cpuUsage();
  const beforeMs = performance.now();
  await sleep(measuredMs);
  const used = process.cpuUsage(before);
  const percent = (used.user + used.system) / 10 / (performance.now() - beforeMs);
  console.log(
    `Node ${process.version}: ${percent.toFixed(2)} % of a core, warnings: ${warnings.join() || 'none'}`,
  );
  await sink.stop(AbortSignal.timeout(2000));
} finally {
  await cluster.stop();
}
