import { expect, onTestFinished, test } from 'vitest';
import { pollUntil } from '../stack/poll-until.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { startSidecarOn } from '../support/started-sidecar.ts';

const FAST = ['discovery.interval=1s', 'poll.interval=1s'];

async function startBurrow(groups: readonly string[]) {
  const { signal } = new AbortController();
  const burrow = createScriptedBurrow();
  for (const group of groups) burrow.world.setLag('prod', group, 'orders', 0, 5);
  await burrow.start(signal);
  onTestFinished(() => burrow.stop(signal));
  return burrow;
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;

async function becomesReady(url: string): Promise<void> {
  const isReady = async () => ((await statusOf(`${url}/ready`)) === 200 ? true : undefined);
  await pollUntil(isReady, { what: 'a sidecar that is ready', withinMs: 20_000 });
}

test('given a sidecar whose Burrow is not there, when it is asked, then it works but is not ready', async () => {
  const { url } = await startSidecarOn('http://127.0.0.1:9', FAST);
  const asked = async () => {
    const answer = await fetch(`${url}/ready`);
    const { reasons } = (await answer.json()) as { reasons: string[] };
    return reasons.join().includes('127.0.0.1:9') ? answer.status : undefined;
  };
  expect(await pollUntil(asked, { what: 'a reason that names the server', withinMs: 20_000 })).toBe(503);
  expect(await statusOf(`${url}/live`)).toBe(200);
});

test('given a Burrow with a group that lags, when its sidecar has sent the first sample, then it is ready, and stays so without Burrow', async () => {
  const burrow = await startBurrow(['email']);
  const { url } = await startSidecarOn(burrow.url, FAST);
  await becomesReady(url);
  await burrow.stop(new AbortController().signal);
  const hasFailed = async () => {
    const report = (await (await fetch(`${url}/health-check`)).json()) as { status: string };
    return report.status === 'degraded' ? true : undefined;
  };
  await pollUntil(hasFailed, { what: 'a poll that fails', withinMs: 20_000 });
  expect(await statusOf(`${url}/ready`)).toBe(200);
});

test('given a Burrow without a group or topic, when its lists have been read, then its sidecar is ready', async () => {
  const { signal } = new AbortController();
  const burrow = createScriptedBurrow();
  await burrow.start(signal);
  onTestFinished(() => burrow.stop(signal));
  const { url } = await startSidecarOn(burrow.url, FAST);
  await becomesReady(url);
});

test('given a Burrow without a group or topic, when its lists are asked for more seldom than it may be silent, then the sidecar works', async () => {
  const burrow = await startBurrow([]);
  const rare = ['discovery.interval=30s', 'poll.interval=100ms', 'health.burrowSilent=200ms'];
  const { url } = await startSidecarOn(burrow.url, rare);
  await becomesReady(url);
  const isSilent = async () => {
    const { parts } = (await (await fetch(`${url}/health-check`)).json()) as {
      parts: { name: string; lastGoodAnswerAgeSeconds: number | null }[];
    };
    const age = parts.find(({ name }) => name.startsWith('burrow '))?.lastGoodAnswerAgeSeconds ?? 0;
    return age > 0.5 ? true : undefined;
  };
  await pollUntil(isSilent, { what: 'lists that are half a second old', withinMs: 20_000 });
  expect(await statusOf(`${url}/live`)).toBe(200);
  expect(await statusOf(`${url}/health-check`)).toBe(200);
});
