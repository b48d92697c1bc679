import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { lagAnswer, partition } from './burrow-bodies.ts';
import { clientOf, NEVER, startServer } from './scripted-server.ts';

const MEGABYTE = 1024 * 1024;
const [HEAD = '', TAIL = ''] = JSON.stringify(lagAnswer([0])).split('[0]');

/** `head`, then `part(0),part(1),…` for so many, then `tail`, made as it is sent. */
function* listOf(
  head: string,
  count: number,
  part: (index: number) => string,
  tail: string,
): Generator<string> {
  yield head;
  for (let index = 0; index < count;) {
    let chunk = '';
    for (; index < count && chunk.length < 65_536; index++) chunk += (index === 0 ? '' : ',') + part(index);
    yield chunk;
  }
  yield tail;
}

async function ask(answer: () => Generator<string>, what: 'groupLag' | 'topicOffsets' | 'clusters') {
  const server = await startServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    Readable.from(answer())
      .on('error', () => undefined)
      .pipe(response);
    response.on('error', () => undefined);
  });
  const client = clientOf(`http://127.0.0.1:${server.port}`, { timeoutMs: 50_000 });
  if (what === 'clusters') return client.clusters(NEVER);
  if (what === 'topicOffsets') return client.topicOffsets('prod', 'orders', NEVER);
  return client.groupLag('prod', 'billing', NEVER);
}

const full = (index: number): string => JSON.stringify(partition({ partition: index }));
const bare = (index: number): string =>
  `{"topic":"t","partition":${index},"start":null,"end":null,"current_lag":0}`;

describe('given an answer beyond all measure', () => {
  test.each([
    ['a million whole partitions', 1_000_000, full, /larger than 67108864 bytes/],
    ['230,000 whole partitions', 230_000, full, /at most 200000/],
    ['a million bare partitions', 1_000_000, bare, /larger than|no list/],
    ['800,000 bare partitions', 800_000, bare, /at most 200000/],
    ['250,000 bare partitions', 250_000, bare, /at most 200000/],
    ['20 million objects', 20_000_000, () => '{}', /no list/],
  ] as const)(
    'when it has %s, then it is invalid, and the next one is heard',
    async (_, count, part, reason) => {
      const outcome = await ask(() => listOf(`${HEAD}[`, count, part, `]${TAIL}`), 'groupLag');
      expect(outcome).toEqual({ kind: 'invalid', reason: expect.stringMatching(reason) as string });
      const next = await ask(() => listOf(`${HEAD}[`, 2, full, `]${TAIL}`), 'groupLag');
      expect(next).toMatchObject({ kind: 'ok' });
    },
    60_000,
  );

  test('when it has as many partitions as the largest clusters, then it is taken', async () => {
    const outcome = await ask(() => listOf(`${HEAD}[`, 200_000, full, `]${TAIL}`), 'groupLag');
    expect(outcome.kind === 'ok' && 'partitions' in outcome.value && outcome.value.partitions.length).toBe(
      200_000,
    );
  });

  test.each([
    ['nested arrays', () => listOf('['.repeat(30 * MEGABYTE), 0, String, ''), 'clusters'],
    ['nested objects', () => listOf('{"a":'.repeat(12 * MEGABYTE), 0, String, ''), 'clusters'],
    [
      'names without end',
      () => listOf('{"error":false,"clusters":[', 20_000_000, () => '""', ']}'),
      'clusters',
    ],
    [
      '30 million offsets',
      () => listOf('{"error":false,"offsets":[', 30_000_000, () => '0', ']}'),
      'topicOffsets',
    ],
    ['300,000 offsets', () => listOf('{"error":false,"offsets":[', 300_000, String, ']}'), 'topicOffsets'],
    ['zeroes', () => listOf('', 60, () => '\0'.repeat(MEGABYTE), ''), 'clusters'],
  ] as const)(
    'when it is %s, then it is invalid',
    async (_, answer, what) => {
      expect(await ask(answer, what)).toMatchObject({ kind: 'invalid' });
    },
    60_000,
  );
});
