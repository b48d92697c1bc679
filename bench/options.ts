import { parseArgs } from 'node:util';
import type { LoadOptions } from './load/load-options.ts';

/** What the command line asks for. What is undefined is for each benchmark to choose. */
export interface BenchOptions {
  /** Names of benchmarks; empty for all. */
  readonly names: readonly string[];
  readonly json: boolean;
  readonly profile: boolean;
  readonly build: boolean;
  /** For Node itself: of the sidecar's process, and of the one that measures the limit. */
  readonly nodeFlags: readonly string[];
  /** Further settings of the sidecar, by path; for benchmarks that run into a real Kafka. */
  readonly settings: Readonly<Record<string, string>>;
  readonly commits: LoadOptions['commits'];
  /** Where `restart` keeps the ledger; all where it is undefined. */
  readonly ledger: string | undefined;
  readonly minutes: number | undefined;
  readonly groups: number | undefined;
  readonly partitions: number | undefined;
  readonly interval: number | undefined;
  readonly warmUp: number | undefined;
  readonly windows: number | undefined;
  readonly seconds: number | undefined;
  readonly limitRounds: number | undefined;
}

export const usage = `npm run bench -- [NAME…] [options]

  --json           end with one line of JSON a benchmark
  --cpu-prof       profile the sidecar while it is measured, and show where its time goes
  --commits KIND   still (default) or moving: whether committed offsets move between polls
  --ledger PLACE   of restart only: stand-ins, kafka or path (default: all, one after the other)
  --set PATH=VALUE another setting of the sidecar, in peers and million; may be repeated
  --minutes N      how long million is measured (default 5)
  --groups N  --partitions N  --interval S  --warm-up S  --windows N  --seconds S  --limit-rounds N
                   another load, poll interval, warm-up, number and length of the windows, and rounds of the limit than a benchmark's own
  --node-flag F    run the sidecar, and what measures the limit, with this flag of Node's; may be repeated
  --no-build       measure what is in dist/ now
`;

/** Throws an `Error` that says what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      'cpu-prof': { type: 'boolean', default: false },
      'node-flag': { type: 'string', multiple: true, default: [] },
      'no-build': { type: 'boolean', default: false },
      set: { type: 'string', multiple: true, default: [] },
      commits: { type: 'string', default: 'still' },
      ledger: { type: 'string' },
      minutes: { type: 'string' },
      groups: { type: 'string' },
      partitions: { type: 'string' },
      interval: { type: 'string' },
      'warm-up': { type: 'string' },
      windows: { type: 'string' },
      seconds: { type: 'string' },
      'limit-rounds': { type: 'string' },
    },
  });
  if (values.commits !== 'still' && values.commits !== 'moving') {
    throw new Error(`--commits is still or moving, not ${values.commits}`);
  }
  return {
    names: positionals,
    json: values.json,
    profile: values['cpu-prof'],
    nodeFlags: values['node-flag'],
    build: !values['no-build'],
    settings: Object.fromEntries(values.set.map(settingOf)),
    commits: values.commits,
    ledger: values.ledger,
    minutes: numberOf('minutes', values.minutes),
    groups: numberOf('groups', values.groups),
    partitions: numberOf('partitions', values.partitions),
    interval: numberOf('interval', values.interval),
    warmUp: numberOf('warm-up', values['warm-up']),
    windows: numberOf('windows', values.windows),
    seconds: numberOf('seconds', values.seconds),
    limitRounds: numberOf('limit-rounds', values['limit-rounds']),
  };
}

function settingOf(text: string): [path: string, value: string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Error(`--set is PATH=VALUE, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} is a number above 0, not ${text}`);
  return value;
}
