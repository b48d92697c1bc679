import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/config/command-line.ts';
import { helpText } from '../../src/config/help-text.ts';

const DEMO = { groups: 8, partitions: 3, seed: 1, speed: 10, forMs: null, showsRecords: false };
const RECORDS = { ...DEMO, showsRecords: true };

const TAIL = {
  from: { kind: 'end' },
  families: [],
  clusters: [],
  groups: [],
  topics: [],
  output: null,
  isUtc: false,
};

function parse(line: string): unknown {
  return parseCommandLine(line.split(' ').filter((word) => word !== ''));
}

describe('given a good command line', () => {
  test.each([
    ['', { kind: 'run', args: { set: [] } }],
    ['run', { kind: 'run', args: { set: [] } }],
    ['check --config a.yaml', { kind: 'check', args: { set: [], configFile: 'a.yaml' } }],
    ['-c a.yaml -c b.yaml', { kind: 'run', args: { set: [], configFile: 'b.yaml' } }],
    ['--sink stdout', { kind: 'run', args: { set: ['sink.type=stdout'] } }],
    ['--sink=stdout run', { kind: 'run', args: { set: ['sink.type=stdout'] } }],
    [
      '--brokers a:1,b:1 --set kafka.brokers=c:1 --format json',
      { kind: 'run', args: { set: ['kafka.brokers=a:1,b:1', 'kafka.brokers=c:1', 'sink.format=json'] } },
    ],
    ['--set discovery.groups.deny=', { kind: 'run', args: { set: ['discovery.groups.deny='] } }],
    ['--set=a=b', { kind: 'run', args: { set: ['a=b'] } }],
    ['demo', { kind: 'demo', args: { set: [], demo: true }, demo: DEMO }],
    [
      'demo --groups 50 --partitions=6 --seed 0 --speed 2.5 --for 30s --sink file',
      {
        kind: 'demo',
        args: { set: ['sink.type=file'], demo: true },
        demo: { groups: 50, partitions: 6, seed: 0, speed: 2.5, forMs: 30_000, showsRecords: false },
      },
    ],
    ['demo --records', { kind: 'demo', args: { set: [], demo: true }, demo: RECORDS }],
    ['demo --sink stdout', { kind: 'demo', args: { set: ['sink.type=stdout'], demo: true }, demo: RECORDS }],
    ['demo --format json', { kind: 'demo', args: { set: ['sink.format=json'], demo: true }, demo: RECORDS }],
    [
      'top',
      {
        kind: 'top',
        args: { set: [], sendsNothing: true },
        top: { url: null, files: {}, form: 'live', isUtc: false },
      },
    ],
    [
      'top --url https://rainbow.example/burrow/ --token-file t --once --json',
      {
        kind: 'top',
        args: { set: ['http.tokenFile=t'], sendsNothing: true },
        top: { url: 'https://rainbow.example/burrow', files: {}, form: 'json', isUtc: false },
      },
    ],
    [
      'top --once --utc',
      {
        kind: 'top',
        args: { set: [], sendsNothing: true },
        top: { url: null, files: {}, form: 'once', isUtc: true },
      },
    ],
    ['tail', { kind: 'tail', args: { set: [], sendsNothing: true }, tail: TAIL }],
    [
      'tail --from-beginning --family lag,traffic --cluster a --cluster b* --group g --topic t --output json',
      {
        kind: 'tail',
        args: { set: [], sendsNothing: true },
        tail: {
          from: { kind: 'beginning' },
          families: ['lag', 'traffic'],
          clusters: ['a', 'b*'],
          groups: ['g'],
          topics: ['t'],
          output: 'json',
          isUtc: false,
        },
      },
    ],
    [
      'tail --since 10m --brokers a:1 --utc',
      {
        kind: 'tail',
        args: { set: ['kafka.brokers=a:1'], sendsNothing: true },
        tail: { ...TAIL, from: { kind: 'since', agoMs: 600_000 }, isUtc: true },
      },
    ],
    ['--help', { kind: 'help', command: null }],
    ['tail --help', { kind: 'help', command: 'tail' }],
    ['demo -h --speed', { kind: 'help', command: 'demo' }],
    ['--version', { kind: 'version' }],
    ['-v', { kind: 'version' }],
  ])('when it is "%s", then it is understood', (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });
});

describe('given a bad command line', () => {
  test.each([
    ['rnu', 'rnu is not a known command → did you mean run?'],
    ['fly', 'fly is not a known command → there are run, demo, check, top, tail'],
    ['run demo', 'demo is one word too many → give one command, then flags'],
    ['--confg a.yaml', '--confg is not a known flag → did you mean --config?'],
    ['--port 8080', '--port is not a known flag → write --set http.port=…'],
    ['--http-port=8080', '--http-port is not a known flag → write --set http.port=…'],
    ['check --kafka.clientId me', '--kafka.clientId is not a known flag → write --set kafka.clientId=…'],
    ['--poll-intervall 3s', '--poll-intervall is not a known flag → did you mean --set poll.interval=…?'],
    [
      '--interval 3s',
      '--interval is not a known flag → write --set discovery.interval=… or --set poll.interval=…',
    ],
    ['--burrow http://a:1', '--burrow is not a known flag → write --set burrow.servers=…'],
    ['--password hunter2', '--password is not a known flag → write --set kafka.sasl.passwordFile=…'],
    ['run --speeed 3', '--speeed is not a known flag → did you mean --speed (demo)?'],
    ['--qqqqqq', '--qqqqqq is not a known flag → see burrow-rainbow --help'],
    ['-x', '-x is not a known flag → see burrow-rainbow --help'],
    ['--__proto__', '--__proto__ is not a known flag → see burrow-rainbow --help'],
    ['--config', '--config needs a value → write --config FILE'],
    ['--sink --format json', '--sink needs a value → write --sink TYPE'],
    ['--sink=', '--sink needs a value → write --sink TYPE'],
    ['--version=3', '--version takes no value → write --version alone'],
    ['run --since 5m', '--since is only for tail → try burrow-rainbow tail'],
    [
      'run --topic t',
      '--topic is only for tail → try burrow-rainbow tail, or set a key: --set kafka.topic=… or --set ledger.topic=…',
    ],
    ['top --sink stdout', '--sink is only for run, demo, check → leave it out, or try burrow-rainbow run'],
    ['tail --format json', '--format is only for run, demo, check → leave it out, or try burrow-rainbow run'],
    [
      'top --brokers a:1',
      '--brokers is only for run, demo, check, tail → leave it out, or try burrow-rainbow run',
    ],
    ['tail --since 5', '--since must be a duration up to 366d, such as 10m or 2h'],
    ['tail --since 5m --from-beginning', '--since contradicts --from-beginning → give one of them'],
    ['tail --family lags', '--family is not a known family → did you mean lag?'],
    ['tail --family lag,', '--family is not a known family → there are lag, consumer, producer, traffic'],
    ['tail --output xml', '--output must be one of table, lines, json'],
    [
      'top --url localhost:7099',
      '--url must be an http or https URL without credentials, such as http://localhost:7099 → give the token as a file: --token-file',
    ],
    [
      'top --url http://me:secret@localhost:7099',
      '--url must be an http or https URL without credentials, such as http://localhost:7099 → give the token as a file: --token-file',
    ],
    ['run --once', '--once is only for top → try burrow-rainbow top'],
    ['run --speed 5', '--speed is only for demo → try burrow-rainbow demo'],
    ['demo --speed 0', '--speed must be a number from 0.1 to 1000'],
    ['demo --speed -1', '--speed must be a number from 0.1 to 1000'],
    ['demo --speed fast', '--speed must be a number from 0.1 to 1000'],
    ['demo --groups 1.5', '--groups must be a whole number from 1 to 10000'],
    ['demo --for 30', '--for must be a duration up to 1d, such as 30s or 5m'],
    ['demo --for 0s', '--for must be a duration up to 1d, such as 30s or 5m'],
  ])('when it is "%s", then one fault says what to change', (line, expected) => {
    const result = parseCommandLine(line.split(' '));
    const faults = result.kind === 'faults' ? result.faults : [];
    const shown = faults.map(
      ({ path, rule, hint }) => `${path} ${rule}${hint === undefined ? '' : ` → ${hint}`}`,
    );
    expect(shown).toEqual([expected]);
  });

  test('when several things are wrong, then all are told, and a word after an unknown flag is not repeated', () => {
    const result = parseCommandLine(['demo', '--pasword', 'hunter2', '--groups', '0', '--sead', '5']);
    expect(result).toMatchObject({
      kind: 'faults',
      faults: [
        { path: '--pasword' },
        { path: '--sead', hint: 'did you mean --seed (demo)?' },
        { path: '--groups' },
      ],
    });
    expect(JSON.stringify(result)).not.toContain('hunter2');
  });

  test('when it is anything at all, then nothing is thrown', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'run',
        'demo',
        '--set',
        '--',
        '-',
        '--speed',
        '-c',
        '--no-sink',
        '--for=1s',
        '-hv',
        '=',
        '--=',
      ),
    );
    fc.assert(fc.property(fc.array(word, { maxLength: 6 }), (argv) => void parseCommandLine(argv)));
  });
});

describe('given a cry for help', () => {
  test.each([null, 'run', 'demo', 'check', 'top', 'tail'] as const)(
    'when it is about %s, then it fits 80 columns',
    (command) => {
      const lines = helpText(command).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      expect(lines.at(-1)).toBe('');
    },
  );

  test('when it is about one command, then it lists the flags of that command only', () => {
    expect(helpText('demo')).toContain('--speed NUMBER');
    expect(helpText('run')).not.toContain('--speed');
    expect(helpText(null)).toContain('--sink TYPE');
    for (const flag of ['--sink', '--format', '--brokers']) {
      expect(helpText('check')).toContain(flag);
      expect(helpText('top')).not.toContain(flag);
    }
    expect(helpText('tail')).toContain('--brokers');
    expect(helpText('tail')).not.toContain('--sink');
  });

  test('when examples are given, then each of them can be parsed', () => {
    for (const command of ['run', 'demo', 'check', 'top'] as const) {
      const examples = [...helpText(command).matchAll(/^ {2}burrow-rainbow(.*)$/gm)].map(
        (match) => match[1]?.split(' | ')[0] ?? '',
      );
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) expect(parse(example)).toMatchObject({ kind: command });
    }
  });
});
