import { once } from 'node:events';
import { atMost, told, type Bench, type BenchContext, type BenchResult } from '../bench.ts';
import { startChild } from '../measure/child.ts';
import { sidecarArguments } from '../measure/measured-sidecar.ts';
import { median } from '../measure/percentile.ts';
import type { ProbeAsk, Usage } from '../measure/probe.ts';
import { startStandIn } from '../measure/run-load.ts';

/** From nothing to the first record. */
export const startup: Bench = {
  name: 'startup',
  work: 'process start to the first record on standard output, 1,000 groups × 100 partitions',
  run: measureStartup,
};

const STARTS = 5;

async function measureStartup({ options, cli, progress }: BenchContext): Promise<BenchResult> {
  const standIn = startStandIn({
    groups: options.groups ?? 1000,
    partitions: options.partitions ?? 100,
    lagging: 'all',
    commits: options.commits,
  });
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  try {
    const url = await standIn.ask<string>({ kind: 'url' });
    for (let start = 1; start <= (options.windows ?? STARTS); start += 1) {
      progress(`start ${start}`);
      const settings = {
        'burrow.servers': url,
        'http.host': '127.0.0.1',
        'http.port': '0',
        'sink.type': 'stdout',
        'log.level': 'warn',
      };
      const args = sidecarArguments({ cli, settings, nodeFlags: options.nodeFlags });
      const startedAtMs = performance.now();
      const sidecar = startChild<ProbeAsk>({ args, stdout: 'pipe' });
      try {
        if (sidecar.process.stdout === null) throw new Error('standard output of the sidecar is not read');
        await once(sidecar.process.stdout, 'data', { signal: AbortSignal.timeout(60_000) });
        seconds.push((performance.now() - startedAtMs) / 1000);
        sidecar.process.stdout.resume();
        cpuSeconds.push((await sidecar.ask<Usage>({ kind: 'usage' })).cpuMicros / 1e6);
      } finally {
        sidecar.process.stdout?.resume();
        await sidecar.stop();
      }
    }
  } finally {
    await standIn.stop();
  }
  return {
    bench: 'startup',
    findings: [
      atMost('start to first record, median', median(seconds), 3, 's'),
      told('slowest', Math.max(...seconds), 's'),
      told('CPU until then', median(cpuSeconds), 's'),
    ],
    facts: { seconds: median(seconds), slowestSeconds: Math.max(...seconds), cpuSeconds: median(cpuSeconds) },
    profiles: [],
  };
}
