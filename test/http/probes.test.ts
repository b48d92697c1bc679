import { describe, expect, test } from 'vitest';
import type { BurrowHealth, HealthInputs, OutboxHealth } from '../../src/http/health-inputs.ts';
import { judgeLive, judgeReady } from '../../src/http/probes.ts';
import type { Condition } from '../../src/platform/condition-tracker.ts';
import { LIMITS, NOW_MS, serve, WELL } from './serve.ts';

const AWAY: Condition = { state: 'faulty', reason: 'brokers are away', sinceMs: NOW_MS - 5000 };
const REFUSED = { atMs: NOW_MS - 10, reason: 'connection refused' };

function burrow(over: Partial<BurrowHealth> & { readonly silentMs?: number } = {}): BurrowHealth {
  const { silentMs = 480_000, ...rest } = over;
  return {
    name: 'b',
    lastOkMs: null,
    lastSampleMs: null,
    lastError: null,
    sinceMs: NOW_MS - 60_000,
    silence: { durationMs: silentMs, about: 'all' },
    ...rest,
  };
}

function outbox(over: Partial<OutboxHealth>): Pick<HealthInputs, 'outbox'> {
  return { outbox: { ...WELL.outbox, unansweredMs: over.silentMs ?? 0, ...over } };
}

const UNSENT = outbox({ waitingSamples: 1, silentMs: 300_000 });
const KAFKA_AWAY = { sink: { name: 'kafka', condition: AWAY } };
const sinkOkFor = (durationMs: number): Pick<HealthInputs, 'sink'> => ({
  sink: { name: 'kafka', condition: { state: 'ok', sinceMs: NOW_MS - durationMs } },
});

describe('given what is wrong with the sidecar, when it is asked whether it works', () => {
  test.each<[string, Partial<HealthInputs>, 'ok' | 'unavailable']>([
    ['nothing', {}, 'ok'],
    ['the brokers are away for longer than the limit', { ...UNSENT, ...KAFKA_AWAY }, 'ok'],
    ['nothing is sent and the sink knows of no fault', UNSENT, 'unavailable'],
    [
      'nothing is sent, and the sink has had no fault for as long',
      { ...UNSENT, ...sinkOkFor(300_000) },
      'unavailable',
    ],
    ['nothing is sent, and brokers were away a moment ago', { ...UNSENT, ...sinkOkFor(299_999) }, 'ok'],
    ['nothing is sent, and the clock was set back', { ...UNSENT, ...sinkOkFor(-1) }, 'unavailable'],
    ['records wait for a ledger that is away', { ...UNSENT, ledger: AWAY }, 'ok'],
    [
      'nothing is taken, since all is refused',
      outbox({ waitingSamples: 1, silentMs: 300_000, unansweredMs: 299_999 }),
      'ok',
    ],
    ['nothing was sent up to the limit', outbox({ waitingSamples: 1, silentMs: 299_999 }), 'ok'],
    ['nothing waits', outbox({ waitingSamples: 0, silentMs: 300_000 }), 'ok'],
    ['Burrow refuses for longer than the limit', { burrows: [burrow({ lastError: REFUSED })] }, 'ok'],
    ['Burrow is not asked any more', { burrows: [burrow()] }, 'unavailable'],
    ['lists are asked for seldom, and nothing else', { burrows: [burrow()], hasNothingToSample: true }, 'ok'],
    [
      'not even lists are asked for any more',
      { burrows: [burrow({ silentMs: 1_200_000 })], hasNothingToSample: true },
      'unavailable',
    ],
    ['Burrow was not asked up to the limit', { burrows: [burrow({ silentMs: 479_999 })] }, 'ok'],
    ['one Burrow of two refuses', { burrows: [burrow(), burrow({ lastError: REFUSED })] }, 'ok'],
    ['one Burrow of two answers', { burrows: [burrow(), burrow({ silentMs: 0 })] }, 'ok'],
    [
      'Burrow refuses that is in the same container, and has answered before',
      { burrows: [burrow({ lastOkMs: NOW_MS - 9e6, lastError: REFUSED })], isBurrowSupervised: true },
      'unavailable',
    ],
    [
      'Burrow is in the same container, and was never found where it is looked for',
      { burrows: [burrow({ lastError: REFUSED })], isBurrowSupervised: true },
      'ok',
    ],
    [
      'it stops, and both are silent',
      { ...UNSENT, burrows: [burrow()], isBurrowSupervised: true, phase: 'stopping' },
      'ok',
    ],
    ['it has just started', { burrows: [burrow({ silentMs: 0 })], phase: 'starting' }, 'ok'],
  ])('then with this it is judged so: %s', (_name, over, status) => {
    const report = judgeLive({ ...WELL, ...over }, LIMITS, NOW_MS);
    expect(report.status).toBe(status);
    expect(report.reasons.length > 0).toBe(status === 'unavailable');
  });
});

describe('given limits that are shorter than the timeouts of requests, when it is asked whether it works', () => {
  const short = { ...LIMITS, burrowSilentMs: 1000, listsSilentMs: 1000, sinkSilentMs: 1000 };
  test.each([
    [119_999, 'ok'],
    [120_000, 'unavailable'],
  ])('then a silence of %d ms is judged so: %s', (silentMs, status) => {
    const ofSink = { ...WELL, ...outbox({ waitingSamples: 1, silentMs }) };
    const ofBurrow = { ...WELL, burrows: [burrow({ silentMs })] };
    for (const inputs of [ofSink, ofBurrow, { ...ofBurrow, hasNothingToSample: true }]) {
      expect(judgeLive(inputs, short, NOW_MS).status).toBe(status);
    }
  });
});

const NO_SAMPLE = 'no good sample has come from Burrow yet';
const NEW = { ...outbox({ lastAcknowledgedMs: null }), burrows: [burrow({ silentMs: 0 })] };
const LISTED = { burrows: [burrow({ silentMs: 0, lastOkMs: NOW_MS })] };
const SAMPLED = { burrows: [burrow({ silentMs: 0, lastOkMs: NOW_MS, lastSampleMs: NOW_MS })] };

describe('given a sidecar that has started, when it is asked whether it has come up', () => {
  test.each<[string, Partial<HealthInputs>, readonly string[]]>([
    ['all has worked once', {}, []],
    ['no sample has come', NEW, [NO_SAMPLE]],
    [
      'the URL is wrong',
      { ...NEW, burrows: [burrow({ lastError: REFUSED })] },
      ['no good sample has come from Burrow yet; b: connection refused'],
    ],
    ['only lists have come', { ...NEW, ...LISTED }, [NO_SAMPLE]],
    ['there is nothing to sample', { ...NEW, ...LISTED, hasNothingToSample: true }, []],
    ['there was nothing to send', { ...NEW, ...SAMPLED }, []],
    [
      'there was nothing to send, and the brokers refuse the login',
      { ...NEW, ...SAMPLED, ...KAFKA_AWAY },
      ['sink kafka has taken nothing yet; brokers are away'],
    ],
    [
      'the brokers were never reached',
      { ...SAMPLED, ...outbox({ lastAcknowledgedMs: null, waitingSamples: 3 }), ...KAFKA_AWAY },
      ['sink kafka has taken nothing yet; brokers are away'],
    ],
    [
      'what there was to send was dropped',
      { ...SAMPLED, ...outbox({ lastAcknowledgedMs: null, droppedSamples: 3 }) },
      ['sink kafka has taken nothing yet'],
    ],
    ['the brokers are away now', { ...UNSENT, ...KAFKA_AWAY }, []],
    [
      'Burrow refuses now',
      { burrows: [burrow({ lastOkMs: NOW_MS - 9e6, lastSampleMs: NOW_MS - 9e6, lastError: REFUSED })] },
      [],
    ],
    [
      'the URL of one Burrow of two is wrong',
      { burrows: [burrow({ lastError: REFUSED }), ...SAMPLED.burrows] },
      ['one of the Burrow servers has not answered yet; b: connection refused'],
    ],
    [
      'one Burrow of two has not answered yet, and there is nothing to sample',
      { burrows: [burrow(), ...LISTED.burrows], hasNothingToSample: true },
      ['one of the Burrow servers has not answered yet; b'],
    ],
    ['one Burrow of two gives lists only', { burrows: [...LISTED.burrows, ...SAMPLED.burrows] }, []],
    ['it stops', { phase: 'stopping' }, ['the sidecar stops']],
    ['it is starting', { ...NEW, phase: 'starting' }, ['the sidecar is starting']],
    [
      'it is starting, and has a ledger',
      { ...NEW, phase: 'starting', ledger: WELL.sink.condition },
      ['the sidecar is starting, and reads its ledger first'],
    ],
  ])('then with this it says so: %s', (_name, over, reasons) => {
    const report = judgeReady({ ...WELL, ...over });
    expect(report.reasons).toEqual(reasons);
    expect(report.status).toBe(reasons.length === 0 ? 'ok' : 'unavailable');
  });
});

describe('given a server over HTTP', () => {
  const ask = async (inputs: HealthInputs) => {
    const { url } = await serve({ health: () => inputs });
    const answers = ['/live', '/ready', '/health-check'].map(async (path) => {
      const response = await fetch(url + path);
      return [response.status, ((await response.json()) as { phase: string }).phase] as const;
    });
    return Promise.all(answers);
  };

  test('when it runs, then all three say yes', async () => {
    expect(await ask(WELL)).toEqual(Array(3).fill([200, 'running']));
  });

  test('when Kafka has been away for long, then only the health check says no', async () => {
    const statuses = (await ask({ ...WELL, ...UNSENT, ...KAFKA_AWAY })).map(([status]) => status);
    expect(statuses).toEqual([200, 200, 503]);
  });

  test('when it stops, then all three say so, and it is not ready', async () => {
    expect(await ask({ ...WELL, phase: 'stopping' })).toEqual([
      [200, 'stopping'],
      [503, 'stopping'],
      [200, 'stopping'],
    ]);
  });
});
