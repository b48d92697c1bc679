/**
 * Records what a real Burrow answers, one file an answer, under `answers-{version}/`: the input of contract tests
 * that must run without servers. Run by hand with `npx tsx test/stack/record-answers.ts` when another Burrow is to
 * be covered.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { joinCommittingGroup, type CommittingGroup } from './committing-group.ts';
import { pollUntil } from './poll-until.ts';
import { startStack } from './stack.ts';

/** Burrow keeps one commit a second: see `min-distance` in `burrow-configuration.ts`. */
const BETWEEN_COMMITS_MS = 1200;
/** More than the commits that Burrow keeps of a partition. */
const ROUNDS = 7;

const stack = await startStack();
try {
  const kafka = new Kafka({
    clientId: 'reader',
    brokers: [...stack.watched.kafka.bootstrapServers],
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await admin.connect();
  await producer.connect();
  await admin.createTopics({
    topics: [
      { topic: 'letters', numPartitions: 2 },
      { topic: 'empty', numPartitions: 1 },
    ],
    waitForLeaders: true,
  });
  const produce = (): Promise<unknown> =>
    producer.send({
      topic: 'letters',
      messages: [0, 1].flatMap((partition) =>
        Array.from({ length: 10 }, () => ({ partition, value: 'dear reader' })),
      ),
    });
  await produce();
  await pollUntil(
    async () => ((await get('/v3/kafka/local/topic/letters')).status === 200 ? true : undefined),
    {
      what: 'Burrow to list the topic',
      withinMs: 30_000,
    },
  );

  const join = (group: string): Promise<CommittingGroup> => joinCommittingGroup(kafka, group, 'letters');
  const keepingUp = await join('keeping-up');
  const stalled = await join('stalled');
  const rewinding = await join('rewinding');
  const oneCommit = await join('one-commit');
  const owned = await join('owned');
  for (let round = 0; round < ROUNDS; round += 1) {
    await produce();
    await keepingUp.commit({ 0: 10 * (round + 2), 1: 10 * (round + 2) });
    await stalled.commit({ 0: 3, 1: 3 });
    const rewound = round === ROUNDS - 1 ? 5 : 10 * (round + 1);
    await rewinding.commit({ 0: rewound, 1: rewound });
    await owned.commit({ 0: round, 1: round });
    await sleep(BETWEEN_COMMITS_MS);
  }
  await oneCommit.commit({ 0: 1 });
  // A second member: from here on each of the two owns one partition.
  const second = await join('owned');
  await sleep(2 * BETWEEN_COMMITS_MS);

  await record('clusters', '/v3/kafka');
  await record('cluster', '/v3/kafka/local');
  await record('cluster-unknown', '/v3/kafka/nowhere');
  await record('topics', '/v3/kafka/local/topic');
  await record('topics-cluster-unknown', '/v3/kafka/nowhere/topic');
  await record('topic', '/v3/kafka/local/topic/letters');
  await record('topic-empty', '/v3/kafka/local/topic/empty');
  await record('topic-unknown', '/v3/kafka/local/topic/nothing');
  await record('consumers', '/v3/kafka/local/consumer');
  await record('consumers-cluster-unknown', '/v3/kafka/nowhere/consumer');
  await record('consumer-keeping-up', '/v3/kafka/local/consumer/keeping-up');
  await record('consumer-owned', '/v3/kafka/local/consumer/owned');
  await record('consumer-unknown', '/v3/kafka/local/consumer/nobody');
  for (const group of ['keeping-up', 'stalled', 'rewinding', 'one-commit', 'owned']) {
    await record(`lag-${group}`, `/v3/kafka/local/consumer/${group}/lag`);
    await record(`status-${group}`, `/v3/kafka/local/consumer/${group}/status`);
  }
  await record('lag-unknown', '/v3/kafka/local/consumer/nobody/lag');
  await record('lag-cluster-unknown', '/v3/kafka/nowhere/consumer/keeping-up/lag');
  await record('status-unknown', '/v3/kafka/local/consumer/nobody/status');
  await record('path-unknown', '/v3/nothing');
  await record('path-trailing-slash', '/v3/kafka/');
  await record('method-wrong', '/v3/kafka', 'PUT');
  await record('admin', '/burrow/admin');
  await record('admin-ready', '/burrow/admin/ready');

  await Promise.all(
    [keepingUp, stalled, rewinding, oneCommit, owned, second].map((member) => member.leave()),
  );
  await Promise.all([producer.disconnect(), admin.disconnect()]);
} finally {
  await stack.stop();
}

async function get(path: string, method = 'GET'): Promise<Response> {
  return fetch(stack.burrow.url + path, { method, redirect: 'manual', signal: AbortSignal.timeout(5000) });
}

async function record(name: string, path: string, method = 'GET'): Promise<void> {
  const response = await get(path, method);
  const answer = {
    method,
    path,
    status: response.status,
    contentType: response.headers.get('content-type'),
    body: await response.text(),
  };
  const directory = new URL(`answers-${stack.burrow.version}/`, import.meta.url);
  await mkdir(directory, { recursive: true });
  await writeFile(new URL(`${name}.json`, directory), `${JSON.stringify(answer, undefined, 2)}\n`);
  console.log(response.status, path);
}
