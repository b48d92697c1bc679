import { describe, expect, test } from 'vitest';
import { createLargeAnswers } from '../../src/burrow/large-answers.ts';
import { clientOf, manualScheduler, NEVER, startServer, until } from './scripted-server.ts';

describe('given three large answers', () => {
  function createThree() {
    const large = createLargeAnswers();
    const went: string[] = [];
    const [first, second, third] = (['first', 'second', 'third'] as const).map((name) =>
      large.waitForTurn(() => went.push(name)),
    );
    return { large, went, first: first!, second: second!, third: third! };
  }

  test('when they come together, then they go one by one, in order', () => {
    const { went, first, second } = createThree();
    expect(went).toEqual(['first']);
    first();
    expect(went).toEqual(['first', 'second']);
    second();
    expect(went).toEqual(['first', 'second', 'third']);
  });

  test('when one gives up waiting, then it is passed over', () => {
    const { went, first, second } = createThree();
    second();
    expect(went).toEqual(['first']);
    first();
    expect(went).toEqual(['first', 'third']);
  });

  test('when one ends twice, then that ends no other', () => {
    const { went, first } = createThree();
    first();
    first();
    expect(went).toEqual(['first', 'second']);
  });

  test('when all are over, then the next goes at once', () => {
    const { large, went, first, second, third } = createThree();
    for (const end of [first, second, third]) end();
    large.waitForTurn(() => went.push('fourth'));
    expect(went.at(-1)).toBe('fourth');
  });
});

describe('given a Burrow whose answers are all large', () => {
  const LARGE = JSON.stringify({ error: false, message: 'x'.repeat(9 * 1024 * 1024), clusters: ['local'] });

  /** Answers the first half of each request at once, and the rest when it is let go. */
  async function startHalves() {
    const rest: (() => void)[] = [];
    const server = await startServer((_request, response) => {
      response.write(LARGE.slice(0, LARGE.length / 2));
      rest.push(() => response.end(LARGE.slice(LARGE.length / 2)));
    });
    return { url: `http://127.0.0.1:${server.port}`, rest };
  }

  test('when many are asked for at once, then every one arrives whole', async () => {
    const { url, rest } = await startHalves();
    const client = clientOf(url, { connections: 8 });
    const answers = Array.from({ length: 8 }, () => client.clusters(NEVER));
    await until(() => rest.length === 8);
    for (const finish of rest) finish();
    for (const answer of await Promise.all(answers)) expect(answer).toEqual({ kind: 'ok', value: ['local'] });
  });

  test('when the one whose turn it is hangs until its deadline, then the next gets its turn', async () => {
    const { url, rest } = await startHalves();
    const scheduler = manualScheduler();
    const client = clientOf(url, { connections: 2 }, { scheduler });
    const hanging = client.clusters(NEVER);
    await until(() => rest.length === 1);
    scheduler.pass();
    await expect(hanging).resolves.toMatchObject({ kind: 'unreachable' });
    const next = client.clusters(NEVER);
    await until(() => rest.length === 2);
    rest[1]?.();
    await expect(next).resolves.toMatchObject({ kind: 'ok' });
  });

  test('when one is cancelled while it waits for its turn, then the others are not held up', async () => {
    const { url, rest } = await startHalves();
    const client = clientOf(url, { connections: 3 });
    const cancelling = new AbortController();
    const first = client.clusters(NEVER);
    await until(() => rest.length === 1);
    const second = client.clusters(cancelling.signal);
    await until(() => rest.length === 2);
    const third = client.clusters(NEVER);
    await until(() => rest.length === 3);
    cancelling.abort();
    for (const finish of rest) finish();
    await expect(second).resolves.toMatchObject({ kind: 'unreachable' });
    for (const answer of await Promise.all([first, third])) expect(answer.kind).toBe('ok');
  });
});
