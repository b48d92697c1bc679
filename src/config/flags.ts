import { FORMAT_NAMES } from '../records/formats/formats.ts';
import { SINK_TYPES } from '../sinks/sink-kinds.ts';

/** The commands. */
export type Command = 'run' | 'demo' | 'check' | 'top' | 'tail';

/** What the help says of a command. */
export interface CommandRow {
  readonly summary: string;
  /** The first one also stands in the help about all commands. */
  readonly examples: readonly [string, ...string[]];
  readonly about?: readonly string[];
}

export const commands: Readonly<Record<Command, CommandRow>> = {
  run: {
    summary: 'Run the sidecar: Burrow in, series out (the default)',
    examples: [
      'burrow-rainbow --brokers kafka:9092',
      'burrow-rainbow run --config rainbow.yaml',
      'burrow-rainbow --sink stdout',
    ],
  },
  demo: {
    summary: 'Run it against a simulated Burrow; no server needed',
    examples: [
      'burrow-rainbow demo',
      'burrow-rainbow demo --records',
      'burrow-rainbow demo --groups 50 --speed 60 --for 30s',
    ],
    about: [
      'On a terminal it shows the table of top, unless --records, --format or',
      '--sink stdout is given. Elsewhere records go to standard output, unless',
      'brokers or a sink are given. It listens on this machine alone, unless',
      'http.host is set. It reads no ./rainbow.yaml unless --config or',
      '$RAINBOW_CONFIG names it.',
    ],
  },
  check: {
    summary: 'Check the settings; reach every Burrow and broker',
    examples: ['burrow-rainbow check --config rainbow.yaml'],
    about: [
      'It changes nothing at Burrow or Kafka. WARN: run does its work, and yet you',
      'should look. FAIL: run would not do its work; exit code 1. Else it is 0.',
    ],
  },
  top: {
    summary: 'Watch the groups of a running sidecar on the terminal',
    examples: [
      'burrow-rainbow top',
      'burrow-rainbow top --url http://rainbow.example:7099 --token-file token',
      'burrow-rainbow top --json | jq \'select(.status != "OK") | .group\'',
    ],
    about: ['It asks the API of a running sidecar and changes nothing. ? shows the keys.'],
  },
  tail: {
    summary: 'Read the topic back: as it grows, or what it holds',
    examples: [
      'burrow-rainbow tail --brokers kafka:9092',
      "burrow-rainbow tail --since 10m --group 'email-*' --family lag",
      'burrow-rainbow tail --from-beginning --output json | jq .value',
    ],
    about: [
      'It reads kafka.topic with the settings of the sidecar, commits nothing, and',
      'ends on Ctrl-C. What it reads in is a consumer group burrow-rainbow-tail-…,',
      'gone when it ends. Only committed records are shown. In a table, a 0 at an end',
      'of its series is marked begin or end; bound: either, what came before was not',
      'read.',
    ],
  },
};

/** A flag of the command line. */
export interface Flag {
  readonly short?: string;
  /** What stands for its value in the help; absent: it takes none. */
  readonly value?: string;
  readonly description: string;
  /** The key that it is a shorthand for. */
  readonly setting?: string;
  /** Only for `demo`: the range of its number. */
  readonly range?: {
    readonly least: number;
    readonly most: number;
    readonly preset: number;
    readonly whole: boolean;
  };
  /** Those that have it; absent: all. */
  readonly commands?: readonly [Command, ...Command[]];
}

/** Whether a command has a flag. */
export function hasFlag(command: Command, { commands: those }: Flag): boolean {
  return those === undefined || those.includes(command);
}

/** Those that send records somewhere. */
const SENDERS = ['run', 'demo', 'check'] as const;

/** `a, b or c`. */
function oneOf(words: readonly string[]): string {
  return words.join(', ').replace(/, (?=[^,]+$)/, ' or ');
}

/** Every flag by its name without dashes, in the order of the help. */
export const flags: Readonly<Record<string, Flag>> = {
  config: {
    short: 'c',
    value: 'FILE',
    description: 'YAML file; else $RAINBOW_CONFIG, else ./rainbow.yaml',
  },
  set: { short: 's', value: 'PATH=VALUE', description: 'Set one key, such as poll.interval=10s; repeatable' },
  sink: {
    value: 'TYPE',
    description: `${oneOf(SINK_TYPES)} (sink.type)`,
    setting: 'sink.type',
    commands: SENDERS,
  },
  format: {
    value: 'FORMAT',
    description: `${oneOf(FORMAT_NAMES)} (sink.format)`,
    setting: 'sink.format',
    commands: SENDERS,
  },
  brokers: {
    value: 'LIST',
    description: 'host:port,host:port (kafka.brokers)',
    setting: 'kafka.brokers',
    commands: [...SENDERS, 'tail'],
  },
  groups: {
    value: 'NUMBER',
    description: 'Consumer groups to simulate',
    range: { least: 1, most: 10_000, preset: 8, whole: true },
    commands: ['demo'],
  },
  partitions: {
    value: 'NUMBER',
    description: 'Partitions of each topic',
    range: { least: 1, most: 1000, preset: 3, whole: true },
    commands: ['demo'],
  },
  seed: {
    value: 'NUMBER',
    description: 'The same seed tells the same story',
    range: { least: 0, most: 2 ** 32 - 1, preset: 1, whole: true },
    commands: ['demo'],
  },
  speed: {
    value: 'NUMBER',
    description: 'How many times as fast as real time',
    range: { least: 0.1, most: 1000, preset: 10, whole: false },
    commands: ['demo'],
  },
  records: { description: 'Let records scroll by instead of the table', commands: ['demo'] },
  for: {
    value: 'DURATION',
    description: 'Stop after this time, such as 30s; else on Ctrl-C',
    commands: ['demo'],
  },
  'from-beginning': { description: 'Read all that the topic holds, then what comes', commands: ['tail'] },
  since: {
    value: 'DURATION',
    description: 'Begin this long ago, such as 10m; else at the end',
    commands: ['tail'],
  },
  family: { value: 'LIST', description: 'Only lag, consumer, producer, traffic', commands: ['tail'] },
  cluster: { value: 'NAME', description: 'Only this cluster; * is anything; repeatable', commands: ['tail'] },
  group: { value: 'NAME', description: 'Only this group; the same', commands: ['tail'] },
  topic: { value: 'NAME', description: 'Only this topic; the same', commands: ['tail'] },
  utc: { description: 'Show times in UTC, not in the zone of this terminal', commands: ['tail', 'top'] },
  output: {
    value: 'FORM',
    description: 'table, lines or json; else a table on a terminal',
    commands: ['tail'],
  },
  url: { value: 'URL', description: 'The sidecar; else this machine and http.port', commands: ['top'] },
  'token-file': {
    value: 'FILE',
    description: 'Holds its token (http.tokenFile)',
    setting: 'http.tokenFile',
    commands: ['top'],
  },
  'ca-file': { value: 'FILE', description: 'Authorities of an https sidecar, PEM', commands: ['top'] },
  'cert-file': { value: 'FILE', description: 'Client certificate, where it wants one', commands: ['top'] },
  'key-file': { value: 'FILE', description: 'Key of that certificate', commands: ['top'] },
  once: { description: 'Print one table, as where output is no terminal', commands: ['top'] },
  json: { description: 'Print one line of JSON for each group', commands: ['top'] },
  help: { short: 'h', description: 'Show this help' },
  version: { short: 'v', description: 'Show the version' },
};
