import { gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { createGroupHistory } from '../../src/history/group-history.ts';
import { createHttpServer } from '../../src/http/http-server.ts';
import { systemClock, systemScheduler } from '../../src/platform/clock.ts';
import { createApiSource } from './api-source.ts';

// Prints what /api/groups costs with ten thousand groups: `npx tsx test/http/measure-groups.ts [share that lags, 0 to 1]`.
const GROUPS = 10_000;
const STEP_MS = 60_000;
const share = Number(process.argv[2] ?? '0.1');
const groups = createGroupHistory({ stepMs: STEP_MS });
const nowMs = Date.now();
const beforeBytes = process.memoryUsage().rss;
const observeFrom = performance.now();
for (let minute = 59; minute >= 0; minute--) {
  for (let index = 0; index < GROUPS; index++) {
    const lag = index < GROUPS * share ? Math.round(50_000 * (1 + Math.sin(index + minute / 7))) : 0;
    groups.observe({
      cluster: `cluster-${index % 4}`,
      group: `service-${index}.consumer-group`,
      totalLagRecords: lag,
      maxLagRecords: lag,
      maxLagSeconds: lag / 1000,
      status: lag > 90_000 ? 2 : 1,
      partitions: 100,
      stoppedPartitions: 0,
      stalledPartitions: 0,
      blankOwners: 0,
      consumedPerSecond: 1234.567 + index,
      producedPerSecond: 1200.001 + index,
      takenAtMs: nowMs - minute * STEP_MS,
    });
  }
}
const observeMicros = ((performance.now() - observeFrom) / (60 * GROUPS)) * 1000;
const server = createHttpServer(
  {
    health: () => {
      throw new Error('nobody asks');
    },
    exposeMetrics: () => Promise.reject(new Error('nobody asks')),
    wake: () => [],
    countNotifier: () => undefined,
    faults: { failed: () => undefined, recovered: () => undefined },
    heard: () => undefined,
    source: createApiSource({ groups }),
    dashboard: [],
    clock: systemClock,
    scheduler: systemScheduler,
    log: pino({ level: 'silent' }),
  },
  {
    host: '127.0.0.1',
    port: 0,
    version: '0',
    push: 'off',
    limits: { burrowSilentMs: 1e9, listsSilentMs: 1e9, sinkSilentMs: 1e9, dropMemoryMs: 1e9 },
  },
);
await server.start(new AbortController().signal);
const url = `http://127.0.0.1:${server.address()?.port ?? 0}/api/groups`;
for (const query of ['?limit=20000', '?limit=100', '?limit=100&search=9999&sort=lagSeconds']) {
  const times: number[] = [];
  let body = Buffer.alloc(0);
  for (let round = 0; round < 15; round++) {
    const from = performance.now();
    body = Buffer.from(await (await fetch(url + query)).arrayBuffer());
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  const median = times[7] ?? NaN;
  console.log(
    `${query}: ${body.length} bytes, gzip ${gzipSync(body, { level: 1 }).length}, median ${median.toFixed(1)} ms`,
  );
}
console.log(
  `observe: ${observeMicros.toFixed(2)} µs a sample; rings ${groups.bytes} bytes; rss +${process.memoryUsage().rss - beforeBytes}`,
);
await server.stop(new AbortController().signal);
