import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { systemClock, systemScheduler } from '../../../src/platform/clock.ts';
import { check, create } from '../../../src/sinks/wavefront/wavefront-destination.ts';
import { loadGood } from '../../config/loading.ts';
import { faultIn, type FaultCase } from '../../config/single-fault.ts';
import { sampleOf } from '../../outbox/sample-of.ts';
import { createReport, neverAborts } from '../report.ts';
import { startTcpReader } from '../transport/tcp-reader.ts';

const deps = {
  clock: systemClock,
  scheduler: systemScheduler,
  monotonicMs: () => performance.now(),
  random: Math.random,
  log: pino({ level: 'silent' }),
  faults: { began: () => undefined, ended: () => ({}) },
  stdout: new PassThrough(),
  onClosed: () => undefined,
  asking: () => undefined,
};
const configure = (address: string) =>
  loadGood({ set: ['sink.type=wavefront', `wavefront.address=${address}`] });

describe('given a Wavefront proxy', () => {
  test('when a sidecar delivers to it, then it gets the lines', async () => {
    const proxy = await startTcpReader();
    const sink = create(configure(proxy.address), deps).createSink();
    const { report, acknowledged } = createReport();
    const samples = [
      sampleOf('c/g', ['burrow.x 1 1700000000 source="h"', 'burrow.y 2 1700000000 source="h"']),
    ];
    await sink.deliver(samples, report, neverAborts);
    expect(acknowledged).toEqual(samples);
    await sink.stop(neverAborts);
    expect(proxy.lines()).toEqual(['burrow.x 1 1700000000 source="h"', 'burrow.y 2 1700000000 source="h"']);
  });

  test('when it is checked, then the finding says whether it takes connections, and what to do where it does not', async () => {
    const proxy = await startTcpReader();
    const findings = async (): Promise<unknown> =>
      (await check(configure(proxy.address), deps, neverAborts).next()).value;
    const subject = `the Wavefront proxy ${proxy.address}`;
    expect(await findings()).toEqual({ verdict: 'ok', subject, message: 'takes connections' });
    await proxy.stop();
    const message = `nothing listens at ${proxy.address}: start the Wavefront proxy, or correct wavefront.address`;
    expect(await findings()).toEqual({ verdict: 'fail', subject, message });
  });
});

const FAULTS: readonly FaultCase[] = [
  [
    'an address without a port',
    { set: ['sink.type=wavefront', 'wavefront.address=proxy'] },
    'wavefront.address must be host:port, such as localhost:2878',
    'command line',
    'add the port: proxy:2878',
  ],
  [
    'several addresses',
    { set: ['sink.type=wavefront', 'wavefront.address=a:1,b:2'] },
    'wavefront.address must be host:port',
    'command line',
    'give one address only',
  ],
  [
    'a format that a proxy does not read',
    { set: ['sink.type=wavefront', 'sink.format=json'] },
    'sink.format cannot be json for sink wavefront',
    'command line',
    'choose wavefront, or another sink',
  ],
  [
    'TLS settings with TLS switched off',
    { set: ['sink.type=wavefront', 'wavefront.tls.serverName=proxy'] },
    'wavefront.tls.enabled must be true where the rest of wavefront.tls is set',
    'not set',
    'set wavefront.tls.enabled: true',
  ],
  [
    'a ledger in a topic',
    { set: ['sink.type=wavefront', 'ledger.topic=x'] },
    'ledger.topic is not used by sink wavefront',
    'command line',
    'set ledger.path instead',
  ],
];

test.each(FAULTS)(
  'given %s, when the configuration is read, then the fault says what to change',
  (...given) => {
    const { fault, expected } = faultIn(given);
    expect(fault).toEqual(expected);
  },
);
