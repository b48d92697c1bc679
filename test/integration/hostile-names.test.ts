import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isAddressable } from '../../src/burrow/request-path.ts';
import { cleanNamePart, shorten } from '../../src/records/clean-text.ts';
import { FORMATS } from '../../src/records/formats/formats.ts';
import { createScriptedBurrow } from '../support/burrow/scripted-burrow.ts';
import { startKafka } from '../stack/kafka.ts';
import { pollUntil } from '../stack/poll-until.ts';
import { stackIsPossible } from '../stack/requirements.ts';
import { readExposition } from '../support/exposition.ts';
import { createCleanups } from './support/cleanups.ts';
import { startSidecar, type SidecarProcess } from './support/sidecar-process.ts';
import { followTopic } from './support/topic-follower.ts';
import { readWavefrontLine } from './support/wavefront-reader.ts';

/** What a whole line would look like that a group of this name might smuggle in. */
const FORGED = 'burrow.prod.plain.totalLag 666666 1700000000 source="x" env="prod" consumer="plain"';

const NAMES = [
  'new\nline',
  `x\n${FORGED}`,
  `x\r\n${FORGED}\r\n`,
  FORGED,
  'plain" consumer="forged',
  'plain\\" consumer="forged',
  'back\\slash\\',
  'q"uote\'s',
  'semi;colon',
  'eq=ual consumer=forged',
  '{"json":1},',
  'tab\tand\u000bmore',
  '\u0000\u0001\u001b[31mred\u007f',
  '\u0085next\u009b2J',
  '\u2028line\u2029paragraph',
  '\u202eright to left\u202c',
  '\u200fmark\u2066isolate\u2069\ufeff',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '.',
  '..',
  '...',
  '%2F%00%2e%2e',
  'query?a=b#c',
  'emoji 💥 é ñ 漢字',
  ' ',
  'x'.repeat(10_000),
  '💥'.repeat(2_500),
];
/** These no URL can carry. */
const REFUSED = ['', 'sl/ash', '../up', '\ud800lone', 'x'.repeat(10_241)];
/** This one looks like another in every record. */
const DOUBLE = 'pla\u0000in_1';
const CLUSTERS = ['prod', 'x" env="prod', 'a\nb=c;d', '__proto__', '\u202eprod'];
const LAG = 42;

const TAGS_BY_METRIC: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:totalLag|status)$/, ['env', 'consumer']],
  [/^(?:maxLag.*|totalLag)$/, ['env', 'consumer', 'topic']],
  [
    /^(?:Lag|startOffset|endOffset|lagSeconds)$/,
    ['env', 'consumer', 'topic', 'partition', 'owner', 'client_id'],
  ],
];

interface ReadLine {
  readonly name: string;
  readonly value: number;
  readonly tags: ReadonlyMap<string, string>;
}

function readLine(line: string): ReadLine {
  const { name, value, tags } = readWavefrontLine(line);
  return { name, value, tags: new Map(Object.entries(tags)) };
}

function readJsonLine(line: string): ReadLine {
  const read = JSON.parse(line) as { name: string; value: number; tags: Record<string, string> };
  expect(Object.keys(read)).toEqual(['name', 'family', 'value', 'timestamp', 'source', 'tags']);
  return { name: read.name, value: read.value, tags: new Map(Object.entries(read.tags)) };
}

const WRITTEN = [
  { format: 'wavefront', naming: 'rainbow', read: readLine },
  { format: 'wavefront', naming: 'gorainbow', read: readLine },
  { format: 'json', naming: 'rainbow', read: readJsonLine },
] as const;

describe('given a Burrow full of hostile names', () => {
  const burrow = createScriptedBurrow();
  const cleanups = createCleanups();

  beforeAll(async () => {
    for (const cluster of CLUSTERS) {
      burrow.world.setLag(cluster, 'plain', 'orders', 0, { lagRecords: 7, owner: '/host', clientId: 'c' });
    }
    burrow.world.setGroup('prod', 'pla_in_1');
    burrow.world.setGroup('prod', DOUBLE);
    for (const name of [...NAMES, ...REFUSED]) {
      burrow.world.setOffsets('prod', name, [LAG, LAG]);
      burrow.world.setLag('prod', name, 'orders', 0, { lagRecords: LAG });
      if (name.length > 10_240) continue;
      burrow.world.setLag('prod', 'collector', name, 0, { lagRecords: LAG, owner: name, clientId: name });
    }
    await burrow.start(new AbortController().signal);
  });
  afterEach(() => cleanups.run());
  afterAll(() => burrow.stop(new AbortController().signal));

  function start(settings: Record<string, string>): Promise<SidecarProcess> {
    return startSidecar(
      {
        'burrow.servers': burrow.url,
        'sink.type': 'stdout',
        'poll.interval': '1s',
        'discovery.interval': '1s',
        'discovery.topics.deny': '',
        ...settings,
      },
      cleanups.add,
    );
  }

  test.each(WRITTEN)(
    'when it is polled as $format with the names of $naming, then every line reads back and none is forged',
    async ({ format, naming, read }) => {
      const sidecar = await start({ 'sink.format': format, 'series.naming': naming });
      const showTag = FORMATS[format].showTag;
      const shownAs = (name: string): string => showTag('consumer', name);
      const wanted = new Set([...NAMES, 'collector'].filter(isAddressable).map(shownAs));
      const linesSoFar = (): ReadLine[] => sidecar.stdout().split('\n').slice(0, -1).map(read);
      await pollUntil(
        () => {
          const seen = new Set(linesSoFar().map(({ tags }) => tags.get('consumer') ?? ''));
          const left = [...wanted].filter((name) => !seen.has(name));
          if (left.length > 0) throw new Error(`not yet: ${JSON.stringify(left).slice(0, 500)}`);
          return true;
        },
        { what: 'each group to have its lines', withinMs: 60_000, everyMs: 500 },
      );

      sidecar.send('SIGTERM');
      expect(await sidecar.ended).toEqual({ exitCode: 0, signal: null });
      const lines = linesSoFar();
      const printable = /^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;
      const known = new Set([...wanted, 'plain', 'pla_in_1']);
      const environments = new Set(CLUSTERS.map(shownAs));
      const values = new Map<string, Set<number>>();
      for (const { name, value, tags } of lines) {
        expect(name).toMatch(/^burrow(?:\.[-\w]*)+$/);
        expect(value).not.toBe(666_666);
        for (const text of tags.values()) expect(text).toMatch(printable);
        if (tags.has('env')) expect(environments).toContain(tags.get('env'));
        // A group or topic whose name is blank has no tag.
        const consumer = tags.get('consumer') ?? (name.endsWith('.totalLag') ? '' : undefined);
        if (consumer === undefined) continue;
        expect(known).toContain(consumer);
        const metric = name.split('.').at(-1) ?? '';
        if (naming === 'rainbow') {
          const keys = TAGS_BY_METRIC.find(
            ([pattern, tagged]) =>
              pattern.test(metric) &&
              (metric !== 'totalLag' || tags.has('topic') === tagged.includes('topic')),
          )?.[1];
          const left = ['consumer', 'topic'].filter(
            (key) => (/\._?\./.test(name) || metric.startsWith('maxLag')) && !tags.has(key),
          );
          if (keys !== undefined) expect([...tags.keys()]).toEqual(keys.filter((key) => !left.includes(key)));
        }
        if (metric !== 'totalLag') continue;
        const series = `${tags.get('env') ?? ''} ${consumer}`;
        values.set(series, (values.get(series) ?? new Set()).add(value));
      }
      // Nobody else has written into the series of the group that they would like to be.
      for (const env of environments) expect(values.get(`${env} plain`)).toEqual(new Set([0, 7]));
      for (const name of NAMES) expect(values.get(`prod ${shownAs(name)}`)).toEqual(new Set([0, LAG]));
      // Every span has ended, so a reader of the lines alone can tell that none is missing.
      const open = new Map<string, number>();
      for (const { name, value, tags } of lines) open.set(JSON.stringify([name, [...tags]]), value);
      expect([...open.values()].filter((value) => value !== 0)).toEqual([]);
    },
    90_000,
  );

  test('when it is asked how it fares, then metrics, health and log stay what they are', async () => {
    const sidecar = await start({ 'log.level': 'debug' });
    const groupsOf = async (): Promise<Map<string, number>> => {
      const series = readExposition(await (await fetch(`${sidecar.url}/metrics`)).text());
      return new Map(
        series
          .filter(({ name }) => name === 'burrow_rainbow_group_total_lag_records')
          .map(({ labels, value }) => [`${labels.get('cluster') ?? ''} ${labels.get('group') ?? ''}`, value]),
      );
    };
    const groups = await pollUntil(
      async () => {
        const found = await groupsOf();
        return NAMES.every((name) => found.has(`prod ${name}`)) ? found : undefined;
      },
      { what: 'each group to be exposed', withinMs: 60_000, everyMs: 500 },
    );
    for (const name of NAMES) expect(groups.get(`prod ${name}`)).toBe(LAG);
    for (const cluster of CLUSTERS) expect(groups.get(`${cluster} plain`)).toBe(7);
    for (const name of [...REFUSED, DOUBLE]) expect(groups.has(`prod ${name}`)).toBe(false);

    const exposed = readExposition(await (await fetch(`${sidecar.url}/metrics`)).text());
    const exceptions = exposed.filter(({ name }) => name === 'burrow_rainbow_exceptions_total');
    const times = (kind: string): number =>
      exceptions.reduce((sum, { labels, value }) => sum + (labels.get('kind') === kind ? value : 0), 0);
    expect(times('unaddressableName')).toBe(2 * REFUSED.length);
    // The group, and of the collector's topics the one of a space: neither it nor the one without a name has a tag.
    expect(times('ambiguousName')).toBe(2);
    expect(times('nameShortened')).toBeGreaterThan(0);
    expect(times('totalMismatch')).toBe(0);

    expect(await sidecar.health()).toMatchObject({ httpStatus: 200, status: 'ok' });
    // `log` fails on a line that is no JSON.
    expect(sidecar.log().length).toBeGreaterThan(10);
    expect(
      sidecar.log().every(({ level, msg }) => typeof level === 'string' && typeof msg === 'string'),
    ).toBe(true);
    expect(sidecar.stderr()).not.toMatch(/[\u007f-\u009f\u2028-\u202e]/);
  });

  test('when webhooks name them, then each wakes its own group and no other', async () => {
    burrow.requests.clear();
    const polls = (group: string): number =>
      burrow.requests.of(`/v3/kafka/prod/consumer/${pathOf(group)}/lag`);
    const sidecar = await start({ 'poll.interval': '600s', 'health.burrowSilent': '1200s' });
    const groups = [...NAMES, 'plain'];
    await pollUntil(() => (groups.every((group) => polls(group) === 1) ? true : undefined), {
      what: 'the first poll of every group',
      withinMs: 60_000,
    });
    for (const group of [...REFUSED.slice(1), DOUBLE, 'new_line', 'PLAIN', 'plain ', 'proto']) {
      expect(await notify(sidecar, group)).toEqual({ accepted: 1, woken: 0, deferred: 0 });
    }
    for (const group of NAMES) expect(await notify(sidecar, group)).toMatchObject({ accepted: 1 });
    await pollUntil(() => (NAMES.every((group) => polls(group) === 2) ? true : undefined), {
      what: 'the second poll of every group that was named',
      withinMs: 60_000,
    });
    expect(polls('plain')).toBe(1);
  });
});

describe.skipIf(!stackIsPossible())('given a Kafka that takes the records', () => {
  const cleanups = createCleanups();
  afterAll(() => cleanups.run());

  test('when names are as long as they may be, then they make whole messages under whole keys', async () => {
    const kafka = await startKafka();
    cleanups.add(() => kafka.stop());
    const burrow = createScriptedBurrow();
    await burrow.start(new AbortController().signal);
    cleanups.add(() => burrow.stop(new AbortController().signal));
    const long = ['x'.repeat(10_240), '💥'.repeat(5_120)];
    for (const group of [...long, 'plain']) {
      for (const topic of long)
        burrow.world.setLag('prod', group, topic, 0, { lagRecords: LAG, clientId: group });
    }
    const follower = await followTopic(kafka.bootstrapServers, 'speed-racer', cleanups.add);
    await startSidecar(
      {
        'burrow.servers': burrow.url,
        'kafka.brokers': kafka.bootstrapServers.join(','),
        'poll.interval': '1s',
      },
      cleanups.add,
    );
    await pollUntil(
      () => {
        const consumers = follower.records().map(({ tags }) => tags['consumer']);
        return [...long, 'plain'].every((group) =>
          consumers.includes(FORMATS.wavefront.showTag('consumer', group)),
        )
          ? true
          : undefined;
      },
      { what: 'each group on the topic', withinMs: 60_000 },
    );
    for (const group of [...long, 'plain']) {
      const name = `burrow.prod.${shorten(cleanNamePart(group), 249, group)}.totalLag`;
      expect([...follower.keysOf(name)]).toEqual([`prod/${group}`]);
    }
  });
});

function pathOf(group: string): string {
  return group === '.' ? '%2E' : group === '..' ? '%2E%2E' : encodeURIComponent(group);
}

async function notify({ url }: SidecarProcess, group: string): Promise<unknown> {
  const response = await fetch(`${url}/notifier`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ source: 'burrow', event: 'open', cluster: 'prod', group, status: 'ERR' }),
  });
  return response.json();
}
