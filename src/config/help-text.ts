import { commands, flags, type Command, type Flag } from './flags.ts';

const EXAMPLES: Readonly<Record<Command, readonly string[]>> = {
  run: [
    'burrow-rainbow --brokers kafka:9092',
    'burrow-rainbow run --config rainbow.yaml',
    'burrow-rainbow --sink stdout',
  ],
  demo: ['burrow-rainbow demo', 'burrow-rainbow demo --groups 50 --speed 60 --for 30s'],
  check: ['burrow-rainbow check --config rainbow.yaml'],
  top: [
    'burrow-rainbow top',
    'burrow-rainbow top --url http://rainbow.example:7099 --token-file token',
    'burrow-rainbow top --json | jq \'select(.status != "OK") | .group\'',
  ],
  tail: [
    'burrow-rainbow tail --brokers kafka:9092',
    "burrow-rainbow tail --since 10m --group 'email-*' --family lag",
    'burrow-rainbow tail --from-beginning --output json | jq .value',
  ],
};

const ABOUT_DEMO = [
  'Records go to standard output unless brokers or a sink are given, and',
  './rainbow.yaml is read only where --config or $RAINBOW_CONFIG names it.',
];

const ABOUT_TOP = ['It asks the API of a running sidecar and changes nothing. ? shows the keys.'];

const ABOUT_TAIL = [
  'It reads kafka.topic with the settings of the sidecar, commits nothing, and',
  'ends on Ctrl-C. What it reads in is a consumer group burrow-rainbow-tail-…,',
  'gone when it ends. Only committed records are shown.',
];

/** Help about one command, or about all where it is null. At most 80 columns; ends with a newline. */
export function helpText(command: Command | null): string {
  const names = Object.keys(commands) as Command[];
  const lines =
    command === null
      ? [
          "burrow-rainbow turns what LinkedIn's Burrow knows about Kafka consumer lag",
          'into time series that begin and end with 0.',
          '',
          'Usage: burrow-rainbow [COMMAND] [FLAGS]',
          '',
          'Commands:',
          ...names.map((name) => `  ${name.padEnd(COLUMN)}${commands[name]}`),
        ]
      : [`${commands[command]}.`, '', `Usage: burrow-rainbow ${command} [FLAGS]`];
  const shown = Object.entries(flags).filter(([, { only }]) => only === undefined || only === command);
  lines.push(
    '',
    'Flags:',
    ...shown.map(([name, flag]) => `  ${signature(name, flag).padEnd(COLUMN)}${detail(flag)}`),
  );
  const examples = command === null ? names.map((name) => EXAMPLES[name][0] ?? '') : EXAMPLES[command];
  lines.push('', 'Examples:', ...examples.map((example) => `  ${example}`), '');
  if (command === 'demo') lines.push(...ABOUT_DEMO, '');
  if (command === 'top') lines.push(...ABOUT_TOP, '');
  if (command === 'tail') lines.push(...ABOUT_TAIL, '');
  if (command === null) lines.push('burrow-rainbow COMMAND --help says more about one command.');
  lines.push(
    'Every key can be set in the YAML file, as an environment variable',
    '(poll.interval is RAINBOW_POLL_INTERVAL) and with --set; the later one wins.',
    'Exit codes: 0 stopped as asked, 1 failed while running, 2 bad configuration.',
  );
  return `${lines.join('\n')}\n`;
}

const COLUMN = 25;

function signature(name: string, { short, value }: Flag): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

function detail({ description, range }: Flag): string {
  return range === undefined ? description : `${description} (default ${range.preset})`;
}
