/** The benchmarks: `npm run bench`. Says how fast the sidecar is, and judges nothing: it exits 0 whatever it finds. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { rounded, type Bench, type BenchResult } from './bench.ts';
import { growth } from './benches/growth.ts';
import { idle } from './benches/idle.ts';
import { kafka } from './benches/kafka.ts';
import { million } from './benches/million.ts';
import { peers } from './benches/peers.ts';
import { busy, quiet } from './benches/polling.ts';
import { restart } from './benches/restart.ts';
import { startup } from './benches/startup.ts';
import { parseOptions, usage, type BenchOptions } from './options.ts';
import { describeMachine } from './report/machine.ts';
import { summariseProfile } from './report/profile-summary.ts';
import { resultTable } from './report/table.ts';
import { isBuilt } from './measure/built.ts';

const BENCHES: readonly Bench[] = [quiet, busy, idle, startup, restart, kafka, peers, growth, million];

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

function chosen({ names }: BenchOptions): readonly Bench[] {
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown.length > 0) {
    const known = BENCHES.map(({ name }) => name).join(', ');
    throw new Error(`there is no benchmark ${unknown.join(', ')}; there are ${known}`);
  }
  return names.length === 0 ? BENCHES : BENCHES.filter(({ name }) => names.includes(name));
}

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const benches = chosen(options);
  const machine = describeMachine();
  process.stderr.write(`${Object.values(machine).join(' · ')}\n`);
  if (options.build && !isBuilt(ROOT, CLI)) {
    process.stderr.write('building\n');
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' });
  }

  const results: BenchResult[] = [];
  for (const bench of benches) {
    process.stderr.write(`${bench.name}: ${bench.work}\n`);
    const progress = (text: string): void => void process.stderr.write(`  ${text}\n`);
    results.push(await bench.run({ options, cli: CLI, progress }));
  }

  for (const { bench, profiles } of results) {
    for (const file of profiles) {
      process.stdout.write(`\n${bench}: ${file}\n${summariseProfile(file)}\n\n`);
    }
  }
  process.stdout.write(`${resultTable(results)}\n`);
  if (!options.json) return;
  for (const { bench, facts } of results) {
    process.stdout.write(`${JSON.stringify({ bench, ...rounded(facts), ...machine })}\n`);
  }
}

const args = process.argv.slice(2);
try {
  if (args.includes('--help')) process.stdout.write(usage);
  else await main(args);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
