import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { GroupLagScanner } from '../../src/burrow/fast/group-lag-scanner.ts';
import { lagAnswer, partition } from './burrow-bodies.ts';
import { clientOf, NEVER, startServer } from './scripted-server.ts';

function bodyOf(group: string, partitions: number, total: number): string {
  const list = Array.from({ length: partitions }, (_, id) =>
    partition({
      topic: `topic-of-${group}`,
      partition: id,
      owner: `/${group}/${id}`,
      current_lag: total + id,
    }),
  );
  return JSON.stringify(lagAnswer(list, { group, totallag: total }));
}

describe('given a server that sends many answers at once, each in small pieces', () => {
  test('when they arrive in turns, then each is read from its own bytes', async () => {
    // Some fit into one read, some need many, and one is larger than what is read at once.
    // One in eight is so large that the others of its kind wait for it.
    const sizes = [1, 40, 150, 300, 15_000, 2, 90, 500];
    const groups = Array.from({ length: 24 }, (_, index) => `group-${index}`);
    const sizeOf = (group: string): number => sizes[groups.indexOf(group) % sizes.length] ?? 0;
    const server = await startServer((request, response) => {
      const group = request.url?.split('/')[5] ?? '';
      const body = bodyOf(group, sizeOf(group), groups.indexOf(group));
      const pieceLength = 1000 + 7777 * (groups.indexOf(group) % 5);
      void (async () => {
        for (let at = 0; at < body.length; at += pieceLength) {
          response.write(body.slice(at, at + pieceLength));
          await setImmediate();
        }
        response.end();
      })();
    });
    const client = clientOf(`http://127.0.0.1:${server.port}`, { connections: 8 });
    for (let round = 0; round < 2; round++) {
      await Promise.all(
        groups.map(async (group) => {
          const outcome = await client.groupLag('prod', group, NEVER);
          if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome));
          const { totalLagRecords, partitions, release } = outcome.value;
          // What others do meanwhile must not touch it before it is released.
          await setImmediate();
          expect(totalLagRecords).toBe(groups.indexOf(group));
          const wrong = partitions.filter(
            ({ topic, owner, currentLagRecords }, id) =>
              topic !== `topic-of-${group}` ||
              owner !== `/${group}/${id}` ||
              currentLagRecords !== groups.indexOf(group) + id,
          );
          expect([partitions.length, wrong]).toEqual([sizeOf(group), []]);
          release?.();
        }),
      );
    }
    expect(server.connections()).toBeLessThanOrEqual(8);
  });
});

describe('given a scanner', () => {
  const scanner = new GroupLagScanner();
  const scan = (group: string, partitions: number, total: number) => {
    const lag = scanner.scan(Buffer.from(bodyOf(group, partitions, total)), 'prod', group);
    if (lag === null) throw new Error('not read');
    return lag;
  };

  test('when nothing is released, then no answer takes the memory of another', () => {
    const first = scan('a', 2, 10);
    const second = scan('b', 2, 20);
    expect(first.partitions.map(({ currentLagRecords }) => currentLagRecords)).toEqual([10, 11]);
    expect(second.partitions.map(({ currentLagRecords }) => currentLagRecords)).toEqual([20, 21]);
  });

  test('when an answer is released twice, then its memory serves one other only', () => {
    const first = scan('a', 1, 10);
    first.release?.();
    first.release?.();
    const second = scan('b', 1, 20);
    const third = scan('c', 1, 30);
    expect([second, third].map(({ partitions }) => partitions[0]?.currentLagRecords)).toEqual([20, 30]);
  });

  test('when a shorter answer follows a longer one, then nothing of the longer one is left', () => {
    scan('a', 5, 10).release?.();
    const short = scan('b', 1, 20);
    expect(short.partitions).toHaveLength(1);
    short.release?.();
    expect(scan('c', 3, 30).partitions.map(({ owner }) => owner)).toEqual(['/c/0', '/c/1', '/c/2']);
  });
});
