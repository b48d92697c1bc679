import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { CompressionTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startKafka, type KafkaCluster } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { openTerminal, terminalIsPossible } from '../stack/tmux.ts';
import { createCleanups } from './support/cleanups.ts';
import { faultsOf, toSeries } from './support/series.ts';
import { startCommand, type CommandProcess } from './support/sidecar-process.ts';
import { readWavefrontLine } from './support/wavefront-reader.ts';

const CLI = new URL('../../dist/cli.js', import.meta.url).pathname;
const WITHIN = { withinMs: 60_000, everyMs: 200 };
const TAIL_GROUP = /^burrow-rainbow-tail-/;

/** Topics that a demo wrote each, with the settings it had. */
const TOPICS = {
  packed: ['kafka.linesPerMessage=50'],
  json: ['sink.format=json', 'kafka.transactions=true'],
  former: ['series.naming=gorainbow'],
} as const;

describe('given a broker that takes connections and never answers', () => {
  const cleanups = createCleanups();
  afterAll(() => cleanups.run());

  test('when it is read from, then it is said which broker, since when and what to check, long before the deadline', async () => {
    const server = createServer((socket) => socket.on('error', () => undefined));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const reading = startCommand(['tail', '--brokers', broker, '--utc'], {}, cleanups.add);
    await pollUntil(() => (reading.stderr() === '' ? undefined : true), {
      what: 'the tail to miss an answer',
      // Its deadline is 30 s; it is to be said after 5, and the start of a process takes its time, too.
      withinMs: 20_000,
      everyMs: 100,
    });
    expect(reading.stderr()).toMatch(
      new RegExp(`^${broker} has not answered since \\d\\d:\\d\\d:\\d\\d UTC: check .*kafka\\.brokers`),
    );
    reading.send('SIGINT');
    expect(await reading.ended).toMatchObject({ exitCode: 0 });
    server.close();
  });
});

const line = (group: string, value = 5): string =>
  `burrow.local.${group}.totalLag ${value} 1700000000 source="h" env="local" consumer="${group}"`;

describe.skipIf(!stackIsPossible())('given topics on a real Kafka', () => {
  const cleanups = createCleanups();
  let cluster: KafkaCluster;
  let brokers: string;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await startKafka({ autoCreateTopics: true });
    cleanups.add(() => cluster.stop());
    brokers = cluster.bootstrapServers.join(',');
    kafka = new Kafka({ brokers: [...cluster.bootstrapServers], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    cleanups.add(() => admin.disconnect());
    const demos = Object.entries(TOPICS).map(([topic, settings]) =>
      startCommand(
        [
          ...['demo', '--for', '5s', '--speed', '30', '--brokers', brokers, '--set', `kafka.topic=${topic}`],
          ...settings.flatMap((setting) => ['--set', setting]),
        ],
        { RAINBOW_HTTP_HOST: '127.0.0.1', RAINBOW_HTTP_PORT: '0' },
        cleanups.add,
      ),
    );
    for (const demo of demos) expect(await demo.ended).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => cleanups.run());

  function tail(topic: string, ...args: readonly string[]): CommandProcess {
    return startCommand(
      ['tail', '--brokers', brokers, '--set', `kafka.topic=${topic}`, ...args],
      {},
      cleanups.add,
    );
  }

  function shown(command: CommandProcess): readonly string[] {
    return command.stdout().split('\n').slice(0, -1);
  }

  async function untilShown(command: CommandProcess, lines: readonly string[]): Promise<void> {
    await pollUntil(() => (shown(command).length >= lines.length ? true : undefined), {
      what: `${lines.length} lines`,
      ...WITHIN,
    });
    expect(shown(command)).toEqual(lines);
  }

  /** Its group, once it reads. */
  async function joined(): Promise<string> {
    return pollUntil(
      async () => {
        const { groups } = await admin.listGroups();
        const ids = groups.map(({ groupId }) => groupId).filter((id) => TAIL_GROUP.test(id));
        const described = await admin.describeGroups(ids);
        return described.groups.find(({ state }) => state === 'Stable')?.groupId;
      },
      { what: 'the tail to have joined', ...WITHIN },
    );
  }

  async function produce(topic: string, values: readonly string[], timestampMs = Date.now()): Promise<void> {
    const producer = kafka.producer();
    await producer.connect();
    const messages = values.map((value) => ({ key: 'local/g', value, timestamp: String(timestampMs) }));
    await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
    await producer.disconnect();
  }

  async function end(command: CommandProcess): Promise<void> {
    command.send('SIGINT');
    expect(await command.ended).toEqual({ exitCode: 0, signal: null });
  }

  test('when one is read from its beginning, then every series is there from its first 0 to its last', async () => {
    const reading = tail('packed', '--from-beginning', '--output', 'lines');
    await pollUntil(
      () => {
        const series = toSeries(shown(reading).map(readWavefrontLine));
        return series.length > 50 && series.flatMap((each) => faultsOf(each, false)).length === 0
          ? true
          : undefined;
      },
      { what: 'all series to be whole', ...WITHIN },
    );
    await end(reading);
    expect(reading.stderr()).toBe('');
  });

  test.each(Object.keys(TOPICS))(
    'when %s is filtered, then only what was asked for comes, as JSON',
    async (topic) => {
      const wanted = ['--family', 'lag,consumer', '--cluster', 'orders', '--group', 'email-*'];
      const reading = tail(topic, '--from-beginning', ...wanted, '--output', 'json');
      const records = await pollUntil(
        () => {
          const all = shown(reading).map((text) => JSON.parse(text) as { name: string; family: string });
          const families = new Set(all.map(({ family }) => family));
          return families.size === 2 ? all : undefined;
        },
        { what: 'both families', ...WITHIN },
      );
      for (const { name } of records) expect(name).toMatch(/\.orders\.email-sender\./);
      await end(reading);
    },
  );

  test('when nothing else is said, then it begins at the end, commits nothing, and leaves no group behind', async () => {
    const topic = `end-${randomUUID()}`;
    await produce(topic, [line('before')]);
    const reading = tail(topic);
    const groupId = await joined();
    await produce(topic, [line('one'), `${line('two')}\n${line('three')}`]);
    await untilShown(reading, [line('one'), line('two'), line('three')]);
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    expect(committed?.partitions.map(({ offset }) => offset)).toEqual(['-1']);
    await end(reading);
    expect((await admin.listGroups()).groups.filter((group) => TAIL_GROUP.test(group.groupId))).toEqual([]);
  });

  test('when a time is given, then it begins with what is no older', async () => {
    const topic = `since-${randomUUID()}`;
    await produce(topic, [line('old')], Date.now() - 3_600_000);
    await produce(topic, [line('young')]);
    const reading = tail(topic, '--since', '10m');
    await untilShown(reading, [line('young')]);
    await end(reading);
  });

  test('when a transaction was given up, then none of it is shown', async () => {
    const topic = `aborted-${randomUUID()}`;
    await produce(topic, [line('first')]);
    const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ key: 'local/g', value: line('given-up') }] });
    await transaction.abort();
    await producer.disconnect();
    await produce(topic, [line('last')]);
    const reading = tail(topic, '--from-beginning');
    await untilShown(reading, [line('first'), line('last')]);
    await end(reading);
  });

  test('when what it is piped into has had enough, then it ends quietly', async () => {
    const command = `"${process.execPath}" "${CLI}" tail --brokers ${brokers} --set kafka.topic=packed --from-beginning`;
    const shell = spawn('bash', ['-c', `${command} | head -n 3; echo "\${PIPESTATUS[0]}"`], { cwd: '/tmp' });
    cleanups.add(() => void shell.kill('SIGKILL'));
    let stdout = '';
    let stderr = '';
    shell.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await once(shell, 'close');
    expect([stdout.split('\n').length, stdout.split('\n').at(3), stderr]).toEqual([5, '0', '']);
  });

  test('when a table is read from the beginning, then the first 0 of a status is its begin and the last its end', async () => {
    const reading = tail('packed', '--from-beginning', '--output', 'table', '--utc', '--family', 'lag');
    // On a busy machine the demo may have ended before it came to all of its groups.
    let rowsBefore = 0;
    const statuses = await pollUntil(
      () => {
        const rows = shown(reading);
        const isStill = rows.length > 0 && rows.length === rowsBefore;
        rowsBefore = rows.length;
        const notes = rows.flatMap((row) => / status +\d ?(.*)$/.exec(row)?.[1] ?? []);
        return isStill && notes.includes('end') ? notes : undefined;
      },
      { what: 'the topic to have been read to its end', ...WITHIN, everyMs: 1500 },
    );
    expect(new Set(statuses.filter((note) => !/^(OK|WARN|ERR|STOP|STALL|REWIND)$/.test(note)))).toEqual(
      new Set(['begin', 'end']),
    );
    expect(statuses.filter((note) => note === 'begin')).toHaveLength(
      statuses.filter((note) => note === 'end').length,
    );
    expect(shown(reading).find((row) => row.startsWith('──'))).toMatch(/^── \d{4}-\d\d-\d\d UTC ──$/);
    await end(reading);
  });

  test('when nothing fits the filter, then it says which, and how many records came', async () => {
    const reading = tail('packed', '--from-beginning', '--group', 'nobody');
    await pollUntil(() => (reading.stderr().includes('none fits') ? true : undefined), {
      what: 'the tail to say what it waits for',
      ...WITHIN,
    });
    expect(reading.stderr()).toMatch(
      /^Nothing to show yet from topic packed, read from its beginning: [\d,]+ records came; none fits --group 'nobody'\.$/m,
    );
    expect(reading.stdout()).toBe('');
    await end(reading);
  });

  test('when nothing comes, then it says from where, and what to try', async () => {
    const topic = `quiet-${randomUUID()}`;
    await produce(topic, [line('before')]);
    const reading = tail(topic);
    await pollUntil(() => (reading.stderr().includes('no record has come') ? true : undefined), {
      what: 'the tail to say what it waits for',
      ...WITHIN,
    });
    expect(reading.stderr()).toMatch(/topic quiet-.*, read from its end on: .*--since 10m/);
    await end(reading);
  });

  test.skipIf(!terminalIsPossible())(
    'when it is on a terminal, then times are in its zone, and a 0 whose past was not read is marked so',
    async () => {
      const topic = `zone-${randomUUID().slice(0, 8)}`;
      const status = (value: number, seconds: number): string =>
        `burrow.local.g.status ${value} ${seconds} source="h" env="local" consumer="g"`;
      const nowMs = Date.now();
      await produce(topic, [status(0, 1_700_000_000), status(3, 1_700_000_030)], nowMs - 3_600_000);
      await produce(topic, [status(0, 1_700_000_060)], nowMs);
      const command = (flags: string): string =>
        `${process.execPath} ${CLI} tail --brokers ${brokers} --set kafka.topic=${topic} ${flags}; cat`;
      const open = async (flags: string) => {
        const env = { LANG: 'C.UTF-8', TZ: 'Asia/Kolkata' };
        const window = await openTerminal(command(flags), { columns: 80, rows: 24, env });
        cleanups.add(() => window.close());
        return window;
      };
      const whole = await open('--from-beginning');
      expect(
        await whole.waitFor('the end', (lines) => lines.some((row) => / 0 end$/.test(row)), 60_000),
      ).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^Reading zone-.* from its beginning; Ctrl-C ends\.$/),
          expect.stringMatching(/^TIME +CLUSTER\/GROUP +PARTITION +METRIC +VALUE$/),
          '── 2023-11-15 +05:30 ──',
          expect.stringMatching(/^03:43:20 local\/g +status +0 begin$/),
          expect.stringMatching(/^03:43:50 local\/g +status +3 ERR$/),
          expect.stringMatching(/^03:44:20 local\/g +status +0 end$/),
        ]) as string[],
      );
      const late = await open('--since 10m --utc');
      const lines = await late.waitFor('the 0', (all) => all.some((row) => / 0 bound$/.test(row)), 60_000);
      expect(lines).toContain('── 2023-11-14 UTC ──');
      expect(lines.join(' ')).toContain('A 0 that is marked "bound" begins or ends its series');
    },
  );

  test('when there is no such topic, then it says so, makes none, and fails', async () => {
    const reading = tail('nowhere');
    expect(await reading.ended).toMatchObject({ exitCode: 1 });
    expect(reading.stderr()).toMatch(/topic nowhere does not exist/);
    expect(await admin.listTopics()).not.toContain('nowhere');
  });

  test('when the broker is away for a while, then it goes on where it was, and shows each line once', async () => {
    const topic = `away-${randomUUID()}`;
    await produce(topic, [line('before')]);
    const reading = tail(topic, '--from-beginning');
    await untilShown(reading, [line('before')]);
    const [broker] = cluster.brokers;
    await broker?.kill();
    await pollUntil(() => (reading.stderr().includes('trying again') ? true : undefined), {
      what: 'the tail to miss the broker',
      ...WITHIN,
    });
    await broker?.start();
    await produce(topic, [line('after'), line('and-later')]);
    await untilShown(reading, [line('before'), line('after'), line('and-later')]);
    await end(reading);
  });
});
