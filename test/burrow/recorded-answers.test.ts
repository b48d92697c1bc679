import { describe, expect, test } from 'vitest';
import { STATUS_NUMBER, type GroupLag } from '../../src/burrow/answers.ts';
import type { BurrowClient } from '../../src/burrow/burrow-client.ts';
import { decodeGroupLag } from '../../src/burrow/decode-group-lag.ts';
import { decodeNames, decodeTopicOffsets } from '../../src/burrow/decode-lists.ts';
import { judgeAnswer } from '../../src/burrow/judge-answer.ts';
import type { JsonObject } from '../../src/burrow/json-shape.ts';
import type { Outcome } from '../../src/burrow/outcome.ts';
import { surveyLags } from '../../src/series/lag-survey.ts';
import { copyReading } from '../../src/series/sample.ts';
import { RECORDED_VERSIONS, readRecordings, type RecordedVersion } from './recordings.ts';
import { clientOf, NEVER, startServer } from './scripted-server.ts';

/** The decoder that the client uses for a path. */
function decoderFor(path: string): (answer: JsonObject) => unknown {
  const [, , , cluster = '', kind, name = '', detail] = path.split('/');
  if (kind === undefined) return (answer) => decodeNames(answer, 'clusters');
  if (detail !== undefined) return (answer) => decodeGroupLag(answer, cluster, name);
  if (name !== '') return decodeTopicOffsets;
  return (answer) => decodeNames(answer, kind === 'topic' ? 'topics' : 'consumers');
}

function judge(version: RecordedVersion, name: string): Outcome<unknown> {
  const found = readRecordings(version).get(name);
  if (found === undefined) throw new Error(`no recording of ${name}`);
  return judgeAnswer(found.status, found.body, decoderFor(found.path));
}

/** The client of a server that answers each path as the real one did. */
async function clientOfRecorded(version: RecordedVersion): Promise<BurrowClient> {
  const asked = [...readRecordings(version).values()].filter(({ method }) => method === 'GET');
  const byPath = new Map(asked.map((each) => [each.path, each]));
  const server = await startServer((request, response) => {
    const recorded = byPath.get(request.url ?? '');
    response.writeHead(recorded?.status ?? 500, { 'content-type': recorded?.contentType ?? 'text/plain' });
    response.end(recorded?.body ?? `not recorded: ${request.url ?? ''}`);
  });
  return clientOf(`http://127.0.0.1:${server.port}`);
}

async function groupLag(client: BurrowClient, group: string): Promise<GroupLag> {
  const outcome = await client.groupLag('local', group, NEVER);
  if (outcome.kind !== 'ok') throw new Error(outcome.kind);
  return outcome.value;
}

/** All that the client sees of the one version in another way than of the other, the times of the recording aside. */
const DIFFERENCES = {
  '1.2.1': {
    groups: ['keeping-up', 'stalled', 'rewinding', 'one-commit', 'owned'],
    topics: ['letters', 'empty', '__consumer_offsets'],
    clientId: '',
    rewinding: STATUS_NUMBER.OK,
    commits: { startTimestampMs: 1795227011346, endTimestampMs: 1795227016247 },
  },
  '1.9.5': {
    groups: ['burrow-local', 'keeping-up', 'stalled', 'rewinding', 'one-commit', 'owned'],
    topics: ['__consumer_offsets', 'letters', 'empty'],
    clientId: 'reader',
    rewinding: STATUS_NUMBER.ERR,
    commits: { startTimestampMs: 1795821720915, endTimestampMs: 1795821725914 },
  },
} as const;

describe.each(RECORDED_VERSIONS)('given what a real Burrow %s sent', (version) => {
  const names = [...readRecordings(version).keys()];
  const asked = names.filter(
    (name) => /^(clusters|consumers|topic|topics|lag|status)\b/u.test(name) && !name.includes('unknown'),
  );

  test.each(asked)('when %s is judged, then it is a good answer', (name) => {
    expect(judge(version, name)).toMatchObject({ kind: 'ok' });
  });

  test.each(names.filter((name) => /^(?!path|cluster-|consumer-).*unknown/u.test(name)))(
    'when %s is judged, then Burrow does not know it',
    (name) => {
      expect(judge(version, name)).toEqual({ kind: 'notFound' });
    },
  );

  test.each(['path-unknown', 'admin-ready', 'path-trailing-slash', 'method-wrong'])(
    'when %s is judged, then it is no answer to build on',
    (name) => {
      expect(judge(version, name)).toMatchObject({ kind: 'invalid' });
    },
  );

  test('when the client asks it over a socket, then it has lists, offsets and what is unknown', async () => {
    const client = await clientOfRecorded(version);
    const { groups, topics } = DIFFERENCES[version];
    expect(await client.clusters(NEVER)).toEqual({ kind: 'ok', value: ['local'] });
    expect(await client.groups('local', NEVER)).toEqual({ kind: 'ok', value: groups });
    expect(await client.topics('local', NEVER)).toEqual({ kind: 'ok', value: topics });
    expect(await client.topicOffsets('local', 'letters', NEVER)).toMatchObject({
      kind: 'ok',
      value: { offsets: [80, 80] },
    });
    expect(await client.topicOffsets('local', 'empty', NEVER)).toMatchObject({
      kind: 'ok',
      value: { offsets: [0] },
    });
    const unknown = [
      client.groups('nowhere', NEVER),
      client.topics('nowhere', NEVER),
      client.topicOffsets('local', 'nothing', NEVER),
      client.groupLag('local', 'nobody', NEVER),
      client.groupLag('nowhere', 'keeping-up', NEVER),
    ];
    for (const outcome of await Promise.all(unknown)) expect(outcome).toEqual({ kind: 'notFound' });
  });

  test('when the client asks for a lagging group, then its partitions have owners, offsets and lag', async () => {
    const { partitions, ...group } = await groupLag(await clientOfRecorded(version), 'owned');
    expect(group).toMatchObject({ status: STATUS_NUMBER.WARN, totalLagRecords: 148, unsafeIntegers: 0 });
    const { clientId, commits } = DIFFERENCES[version];
    expect(partitions.map(copyReading)).toEqual(
      [0, 1].map((partition) => ({
        topic: 'letters',
        partition,
        owner: '/127.0.0.1',
        clientId,
        startOffset: 2,
        startLagRecords: 28,
        endOffset: 6,
        endLagRecords: 64,
        currentLagRecords: 74,
        status: STATUS_NUMBER.WARN,
        ...commits,
      })),
    );
  });

  test('when groups stall, rewind or keep up, then each has its status and its lag', async () => {
    const client = await clientOfRecorded(version);
    const told = async (group: string): Promise<unknown> => {
      const { status, totalLagRecords, stalledPartitions, stoppedPartitions } = await groupLag(client, group);
      return { status, totalLagRecords, stalledPartitions, stoppedPartitions };
    };
    const nothing = { stalledPartitions: 0, stoppedPartitions: 0 };
    expect(await told('keeping-up')).toEqual({ status: STATUS_NUMBER.OK, totalLagRecords: 0, ...nothing });
    expect(await told('stalled')).toEqual({
      status: STATUS_NUMBER.ERR,
      totalLagRecords: 154,
      stalledPartitions: 2,
      stoppedPartitions: 0,
    });
    expect(await told('rewinding')).toEqual({
      status: DIFFERENCES[version].rewinding,
      totalLagRecords: 150,
      ...nothing,
    });
    expect(await told('one-commit')).toEqual({
      status: STATUS_NUMBER.ERR,
      totalLagRecords: 79,
      stalledPartitions: 0,
      stoppedPartitions: 1,
    });
  });

  test('when a partition has no commit yet, then its lag is unknown though Burrow says 0', async () => {
    const { partitions } = await groupLag(await clientOfRecorded(version), 'one-commit');
    expect(partitions.map(({ partition, currentLagRecords }) => [partition, currentLagRecords])).toEqual([
      [0, 79],
      [1, null],
    ]);
  });
});

describe.each(['1.2.1', '1.9.5'] as const)('given the totals of Burrow %s', (version) => {
  test.each(['owned', 'stalled', 'rewinding', 'keeping-up', 'one-commit'])(
    'when the partitions of %s are summed up, then they come to what Burrow says',
    async (group) => {
      const { partitions, totalLagRecords, status } = await groupLag(await clientOfRecorded(version), group);
      const survey = surveyLags({ takenAtMs: 0, status, totalLagRecords, partitions }, 0);
      expect(survey).toMatchObject({ totalLagRecords, mismatch: null });
    },
  );
});

describe('given what Burrow 1.2.1 and Burrow 1.9.5 sent', () => {
  const older = readRecordings('1.2.1');
  const newer = readRecordings('1.9.5');
  const commitsOf = (body: string): readonly string[] => body.match(/\{"offset":[^}]*\}/gu) ?? [];

  test('when they are laid side by side, then both were asked the same', () => {
    expect([...newer.keys()]).toEqual([...older.keys()]);
    for (const [name, { method, path }] of newer) expect(older.get(name)).toMatchObject({ method, path });
  });

  test('when statuses are compared, then only the readiness, which the older lacks, differs', () => {
    const changed = [...newer].filter(([name, { status }]) => older.get(name)?.status !== status);
    expect(changed.map(([name, { status }]) => [name, older.get(name)?.status, status])).toEqual([
      ['admin-ready', 404, 200],
    ]);
  });

  test('when commits are compared, then only the newer says when it has seen them', () => {
    const bodies = (recordings: typeof older): string =>
      [...recordings.values()].map(({ body }) => body).join('\n');
    expect(commitsOf(bodies(older)).length).toBeGreaterThan(10);
    expect(bodies(older)).not.toContain('observedAt');
    expect(commitsOf(bodies(newer)).length).toBeGreaterThan(10);
    for (const commit of commitsOf(bodies(newer))) {
      expect(commit).toMatch(/^\{"offset":\d+,"timestamp":\d+,"observedAt":\d+,"lag":\d+\}$/u);
    }
  });
});
