import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { connectRaw, parseAnswers, type RawClient } from '../http/serve.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { createCleanups } from './support/cleanups.ts';
import { startSidecar, type SidecarProcess } from './support/sidecar-process.ts';

const CROWD = 2000;
const TOKEN = 'not-really-a-secret-in-forty-characters';

describe('given a sidecar at work', () => {
  const burrow = createScriptedBurrow();
  const cleanups = createCleanups();
  let sidecar: SidecarProcess;
  let port = 0;

  beforeAll(async () => {
    burrow.world.setLag('prod', 'billing', 'orders', 0, { lagRecords: 7 });
    await burrow.start(new AbortController().signal);
    sidecar = await startSidecar(
      { 'burrow.servers': burrow.url, 'sink.type': 'stdout', 'poll.interval': '500ms', 'http.token': TOKEN },
      cleanups.add,
    );
    port = Number(new URL(sidecar.url).port);
  });
  afterAll(async () => {
    await cleanups.run();
    await burrow.stop(new AbortController().signal);
  });

  async function connectMany(request: string): Promise<RawClient[]> {
    const clients: RawClient[] = [];
    while (clients.length < CROWD) {
      clients.push(...(await Promise.all(Array.from({ length: 250 }, () => connectRaw(port)))));
    }
    for (const client of clients) client.send(request);
    return clients;
  }

  async function expectAtWork(): Promise<void> {
    expect((await sidecar.health()).httpStatus).toBe(200);
    const polls = burrow.requests.of('/v3/kafka/prod/consumer/billing/lag');
    await pollUntil(
      () => (burrow.requests.of('/v3/kafka/prod/consumer/billing/lag') > polls ? true : undefined),
      { what: 'the next poll', withinMs: 60_000 },
    );
  }

  test('when 2,000 clients begin a request and go no further, then it polls, and answers its health check', async () => {
    await connectMany('POST /notifier HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n');
    await expectAtWork();
  });

  test('when 2,000 clients without the token send the whole of a large body, then each is refused', async () => {
    const clients = await connectMany(
      `POST /notifier HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(5000)}`,
    );
    await pollUntil(() => (clients.every((client) => client.received() !== '') ? true : undefined), {
      what: 'every answer',
      withinMs: 60_000,
    });
    const statuses = clients.map((client) => parseAnswers(client.received())[0]?.status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    await expectAtWork();
  });

  test('when all of that is over, then the log has one line of it, the token is nowhere, and it stops as asked', async () => {
    expect(sidecar.log().filter(({ msg }) => msg === 'Requests are refused')).toHaveLength(1);
    sidecar.send('SIGTERM');
    expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
    expect(sidecar.stderr() + sidecar.stdout()).not.toContain(TOKEN);
  });
});
