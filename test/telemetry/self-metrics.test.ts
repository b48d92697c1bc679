import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GaugedGroup, GroupState } from '../../src/telemetry/group-state.ts';
import { renderGroupGauges, renderPartitionGauges, toOpenMetrics } from '../../src/telemetry/exposition.ts';
import { createSelfMetrics } from '../../src/telemetry/self-metrics.ts';
import type { PartitionState, TopicState } from '../../src/telemetry/state-gauges.ts';
import { readExposition } from '../support/exposition.ts';

const NOW_MS = 1_800_000_000_000;

const STATE: GroupState = {
  cluster: 'c',
  group: 'g',
  totalLagRecords: 5,
  maxLagRecords: 3,
  maxLagSeconds: 1.5,
  status: 2,
  partitions: 4,
  stoppedPartitions: 1,
  stalledPartitions: 3,
  blankOwners: 2,
  consumedPerSecond: 2,
  producedPerSecond: 2.5,
  takenAtMs: NOW_MS - 2500,
};

/** A group that has had its status for a minute. */
function gauged(state: GroupState): GaugedGroup {
  return { state, statuses: { sinceMs: NOW_MS - 59_500 } };
}

function metricsOf(
  states: readonly GroupState[] = [],
  partitions: readonly PartitionState[] | null = null,
  partitionOwners = false,
  topics: readonly TopicState[] = [],
) {
  const groups = new Set(states.map(gauged));
  const metrics = createSelfMetrics(
    {
      nowMs: () => NOW_MS,
      groups: () => groups,
      outbox: () => ({ samples: 2, records: 9, bytes: 700, diskBytes: 800, oldestAgeSeconds: 4 }),
      isSinkUp: () => true,
      groupsOverLimit: () => [{ cluster: 'prod', groups: 7 }],
      hiddenGroups: () => [
        { cluster: 'a"b', groups: 3 },
        { cluster: 'c', groups: 0 },
      ],
      handlers: () => ({ group: 11, topic: 7 }),
      burrows: () => [
        { name: 'one', isUp: true },
        { name: 'other', isUp: false },
      ],
      topics: () => topics,
      partitions: () => partitions ?? [],
    },
    {
      version: '1.2.3',
      partitions: partitions !== null,
      partitionOwners,
      dropCauses: ['full', 'lost'],
      sinkFaultCauses: ['silent', 'topic'],
    },
  );
  return { metrics, endAll: () => groups.clear() };
}

async function linesOf(metrics: ReturnType<typeof metricsOf>['metrics']): Promise<string[]> {
  return (await metrics.expose('text')).body.toString().split('\n');
}

describe('given counts of every kind', () => {
  test('when they are exposed, then each has its name, its labels and its value', async () => {
    const { metrics } = metricsOf([STATE, { ...STATE, group: 'h', blankOwners: 1 }]);
    metrics.count('samples', { cluster: 'c' });
    metrics.count('samples', { cluster: 'c' });
    metrics.count('polls', { server: 'local', outcome: 'ok' });
    metrics.observe('pollSeconds', { server: 'local' }, 0.02);
    metrics.count('polls', { server: 'local', outcome: 'unreachable' });
    metrics.observe('pollSeconds', { server: 'local' }, 10);
    metrics.count('exceptions', { cluster: 'c', kind: 'unsafeInteger' }, 3);
    metrics.count('exceptions', { cluster: '', kind: 'notifierInvalid' }, 1);
    metrics.count('recordsAcknowledged', { cluster: 'c' }, 250);
    metrics.count('samplesDropped', { cluster: 'c', cause: 'full' });
    metrics.count('recordsDropped', { cluster: 'c', cause: 'full' }, 30);
    metrics.count('notifierEvents', { outcome: 'woken' }, 2);
    const lines = await linesOf(metrics);
    for (const line of [
      'samples_total{cluster="c"} 2',
      'polls_total{server="local",outcome="ok"} 1',
      'polls_total{server="local",outcome="unreachable"} 1',
      'poll_duration_seconds_bucket{le="0.025",server="local"} 1',
      'poll_duration_seconds_count{server="local"} 2',
      'exceptions_total{cluster="c",kind="unsafeInteger"} 3',
      'exceptions_total{cluster="",kind="notifierInvalid"} 1',
      'records_acknowledged_total{cluster="c"} 250',
      'samples_dropped_total{cluster="c",cause="full"} 1',
      'records_dropped_total{cluster="c",cause="full"} 30',
      'notifier_events_total{outcome="woken"} 2',
      'outbox_samples 2',
      'outbox_records 9',
      'outbox_bytes 700',
      'outbox_oldest_age_seconds 4',
      'sink_up 1',
      'burrow_up{server="one"} 1',
      'burrow_up{server="other"} 0',
      'handlers{kind="group"} 11',
      'handlers{kind="topic"} 7',
      'blank_owner_partitions{cluster="c"} 3',
      'build_info{version="1.2.3"} 1',
    ]) {
      expect(lines).toContain(`burrow_rainbow_${line}`);
    }
  });

  test('when they are exposed, then Node tells of itself under its usual names', async () => {
    const lines = await linesOf(metricsOf().metrics);
    for (const name of [
      'process_cpu_seconds_total',
      'nodejs_eventloop_lag_p99_seconds',
      'process_resident_memory_bytes',
    ]) {
      expect(lines.some((line) => line.startsWith(`${name} `))).toBe(true);
    }
  });

  test('when a cluster is gone, then no gauge shows it any more', async () => {
    const { metrics, endAll } = metricsOf([STATE]);
    const blankOwners = async (): Promise<string[]> =>
      (await linesOf(metrics)).filter((line) => line.startsWith('burrow_rainbow_blank_owner_partitions{'));
    expect(await blankOwners()).toHaveLength(1);
    endAll();
    expect(await blankOwners()).toEqual([]);
  });

  test('when two sidecars live in one process, then they share nothing', async () => {
    const one = metricsOf().metrics;
    const other = metricsOf().metrics;
    one.count('samples', { cluster: 'c' });
    expect(await linesOf(other)).not.toContain('burrow_rainbow_samples_total{cluster="c"} 1');
  });

  test('when every line is read, then each follows the text format', async () => {
    const { metrics } = metricsOf([STATE]);
    const { body, contentType } = await metrics.expose('text');
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const line of body.toString().split('\n')) {
      expect(line).toMatch(/^$|^# (HELP|TYPE) \w+ .+$|^\w+(\{.*\})? [-+.\deE]+$|^\w+(\{.*\})? (nan|\+inf)$/i);
    }
  });
});

describe('given groups', () => {
  test('when they are exposed, then each has its eleven gauges', async () => {
    const lines = await linesOf(metricsOf([STATE]).metrics);
    expect(lines.filter((line) => line.startsWith('burrow_rainbow_group_'))).toEqual([
      'burrow_rainbow_group_total_lag_records{cluster="c",group="g"} 5',
      'burrow_rainbow_group_max_lag_records{cluster="c",group="g"} 3',
      'burrow_rainbow_group_max_lag_seconds{cluster="c",group="g"} 1.5',
      'burrow_rainbow_group_status{cluster="c",group="g"} 2',
      'burrow_rainbow_group_status_since_timestamp_seconds{cluster="c",group="g"} 1799999940.5',
      'burrow_rainbow_group_partitions{cluster="c",group="g"} 4',
      'burrow_rainbow_group_stopped_partitions{cluster="c",group="g"} 1',
      'burrow_rainbow_group_stalled_partitions{cluster="c",group="g"} 3',
      'burrow_rainbow_group_consumed_records_per_second{cluster="c",group="g"} 2',
      'burrow_rainbow_group_produced_records_per_second{cluster="c",group="g"} 2.5',
      'burrow_rainbow_group_sample_age_seconds{cluster="c",group="g"} 2.5',
    ]);
  });

  test('when topics of theirs lag, then each has its sum, and one that is unknown has none', async () => {
    const ofGroup = { cluster: 'c', group: 'g"\n' };
    const { metrics } = metricsOf([], null, false, [
      { ...ofGroup, topic: 'orders', lagRecords: 12 },
      { ...ofGroup, topic: 'events', lagRecords: 0 },
      { ...ofGroup, topic: 'unknown', lagRecords: null },
    ]);
    const lines = await linesOf(metrics);
    expect(lines.filter((line) => line.startsWith('burrow_rainbow_group_topic'))).toEqual([
      'burrow_rainbow_group_topic_lag_records{cluster="c",group="g\\"\\n",topic="orders"} 12',
      'burrow_rainbow_group_topic_lag_records{cluster="c",group="g\\"\\n",topic="events"} 0',
    ]);
  });

  test('when a figure is unknown, then its line is absent and never 0', async () => {
    const unknown = {
      ...STATE,
      totalLagRecords: null,
      maxLagRecords: null,
      maxLagSeconds: null,
      status: null,
      consumedPerSecond: null,
      producedPerSecond: null,
    };
    const lines = await linesOf(metricsOf([unknown]).metrics);
    expect(lines.filter((line) => line.startsWith('burrow_rainbow_group_'))).toEqual([
      'burrow_rainbow_group_partitions{cluster="c",group="g"} 4',
      'burrow_rainbow_group_stopped_partitions{cluster="c",group="g"} 1',
      'burrow_rainbow_group_stalled_partitions{cluster="c",group="g"} 3',
      'burrow_rainbow_group_sample_age_seconds{cluster="c",group="g"} 2.5',
    ]);
  });

  test('when a group is gone, then so are its gauges', async () => {
    const { metrics, endAll } = metricsOf([STATE]);
    endAll();
    const lines = await linesOf(metrics);
    expect(lines.some((line) => line.includes('group="g"'))).toBe(false);
    expect(lines.some((line) => line.startsWith('burrow_rainbow_blank_owner_partitions{'))).toBe(false);
  });

  test('when their names hold quotes, backslashes and newlines, then a reader gets them back', async () => {
    const name = fc.string({ unit: fc.constantFrom('"', '\\', '\n', '}', ',', '=', 'n', 'é', '\r') });
    await fc.assert(
      fc.asyncProperty(name, name, async (cluster, group) => {
        const text = (
          await renderGroupGauges([gauged({ ...STATE, cluster, group })], NOW_MS, () => Promise.resolve())
        ).toString();
        const line = text.split('\n').find((candidate) => candidate.endsWith('} 5'));
        const labels = /^\w+\{cluster="((?:[^"\\]|\\.)*)",group="((?:[^"\\]|\\.)*)"\} 5$/s.exec(line ?? '');
        const unescape = (value = '') =>
          value.replace(/\\(.)/g, (_all, escaped: string) => (escaped === 'n' ? '\n' : escaped));
        expect([unescape(labels?.[1]), unescape(labels?.[2])]).toEqual([cluster, group]);
      }),
    );
  });

  test('when they are many, then others have their turn in between and none is lost', async () => {
    const states = Array.from({ length: 2500 }, (_, index) => gauged({ ...STATE, group: `g${index}` }));
    let turns = 0;
    const text = (
      await renderGroupGauges(states, NOW_MS, () => {
        turns += 1;
        return Promise.resolve();
      })
    ).toString();
    expect(turns).toBe(2);
    expect(text.match(/^burrow_rainbow_group_status\{/gm)).toHaveLength(2500);
    expect(text.match(/^# TYPE burrow_rainbow_group_status gauge$/gm)).toHaveLength(1);
    const families = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(new Set(families.slice(0, 2500).map((line) => line.split('{')[0])).size).toBe(1);
  });
});

describe('given a cluster whose first sample was taken, and a server that was first asked', () => {
  test('when nothing has happened yet, then that is said with a 0, so that the first time is seen to be one', async () => {
    const { metrics } = metricsOf();
    metrics.count('samples', { cluster: 'c' });
    metrics.count('polls', { server: 'local', outcome: 'ok' });
    metrics.observe('pollSeconds', { server: 'local' }, 0.1);
    const lines = await linesOf(metrics);
    for (const series of [
      'exceptions_total{cluster="c",kind="offsetRewind"}',
      'exceptions_total{cluster="",kind="notifierInvalid"}',
      'polls_total{server="local",outcome="invalid"}',
      'notifier_events_total{outcome="woken"}',
    ]) {
      expect(lines).toContain(`burrow_rainbow_${series} 0`);
    }
    for (const labels of [
      'cluster="c",cause="full"',
      'cluster="c",cause="lost"',
      'cluster="",cause="lost"',
    ]) {
      expect(lines).toContain(`burrow_rainbow_samples_dropped_total{${labels}} 0`);
      expect(lines).toContain(`burrow_rainbow_records_dropped_total{${labels}} 0`);
    }
  });
});

describe('given partitions', () => {
  const PARTITION: PartitionState = {
    cluster: 'c',
    group: 'g',
    topic: 't',
    partition: 3,
    owner: '/10.0.0.1',
    clientId: 'app "1"\\',
    lagRecords: 7,
    committedOffset: 100,
  };

  test('when they are switched off, then nothing comes after the groups', async () => {
    expect((await metricsOf().metrics.expose('text')).rest).toBeNull();
  });

  test('when they are switched on, then each reader gets all of them', async () => {
    const { rest } = await metricsOf([], [PARTITION]).metrics.expose('text');
    for (let reader = 0; reader < 2; reader++) {
      const lines = (await collect(rest ?? [])).split('\n').filter((line) => !line.startsWith('#'));
      expect(lines).toEqual([
        'burrow_rainbow_partition_lag_records{cluster="c",group="g",topic="t",partition="3"} 7',
        'burrow_rainbow_partition_committed_offset_records{cluster="c",group="g",topic="t",partition="3"} 100',
        '',
      ]);
    }
  });

  test('when owners are switched on, then each is labelled with its own, whatever it holds', async () => {
    const name = fc.string({
      unit: fc.constantFrom('"', '\\', '\n', '}', ',', '=', 'n', 'é', '\r', '\u2028'),
    });
    await fc.assert(
      fc.asyncProperty(name, name, async (owner, clientId) => {
        const { rest } = await metricsOf([], [{ ...PARTITION, owner, clientId }], true).metrics.expose(
          'text',
        );
        const series = readExposition(await collect(rest ?? []));
        expect(series.map(({ labels, value }) => [...labels.values(), value])).toEqual([
          ['c', 'g', 't', '3', owner, clientId, 7],
          ['c', 'g', 't', '3', owner, clientId, 100],
        ]);
        expect([...series[0]!.labels.keys()].slice(-2)).toEqual(['owner', 'client_id']);
      }),
      { numRuns: 50 },
    );
  });

  test('when they are of every kind, then each family has its own, an unknown figure left out', async () => {
    const states = [
      PARTITION,
      { ...PARTITION, partition: 4, lagRecords: null },
      { ...PARTITION, topic: 'a "b"', committedOffset: null },
      { ...PARTITION, group: 'other' },
      { ...PARTITION, cluster: 'other' },
    ];
    const series = readExposition(
      await collect(
        renderPartitionGauges(
          () => states,
          () => Promise.resolve(),
          { owners: false },
        ),
      ),
    );
    expect(
      series.map(({ name, labels, value }) => `${name} ${[...labels.values()].join(' ')}: ${value}`),
    ).toEqual([
      'burrow_rainbow_partition_lag_records c g t 3: 7',
      'burrow_rainbow_partition_lag_records c g a "b" 3: 7',
      'burrow_rainbow_partition_lag_records c other t 3: 7',
      'burrow_rainbow_partition_lag_records other g t 3: 7',
      'burrow_rainbow_partition_committed_offset_records c g t 3: 100',
      'burrow_rainbow_partition_committed_offset_records c g t 4: 100',
      'burrow_rainbow_partition_committed_offset_records c other t 3: 100',
      'burrow_rainbow_partition_committed_offset_records other g t 3: 100',
    ]);
  });

  test('when they are many, then others have their turn in between and each piece is small', async () => {
    const states = Array.from({ length: 5000 }, (_, partition) => ({ ...PARTITION, partition }));
    let turns = 0;
    const pieces: string[] = [];
    const nextTurn = (): Promise<void> => {
      turns += 1;
      return Promise.resolve();
    };
    for await (const piece of renderPartitionGauges(() => states, nextTurn, { owners: false }))
      pieces.push(piece.toString());
    expect(turns).toBe(4);
    expect(Math.max(...pieces.map((piece) => piece.split('\n').length))).toBeLessThan(2005);
    expect(readExposition(pieces.join(''))).toHaveLength(10_000);
  });
});

async function collect(pieces: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<string> {
  const all: Buffer[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all).toString();
}

describe('given callers at the same time', () => {
  test('when they ask, then one exposition serves them all, and the next asks anew', async () => {
    const { metrics } = metricsOf();
    const first = metrics.expose('text');
    expect(metrics.expose('text')).toBe(first);
    await first;
    metrics.count('samples', { cluster: 'c' });
    expect(await linesOf(metrics)).toContain('burrow_rainbow_samples_total{cluster="c"} 1');
  });
});

describe('given a reader that likes OpenMetrics', () => {
  const PARTITION: PartitionState = {
    cluster: 'c',
    group: 'g',
    topic: 't',
    partition: 3,
    owner: '',
    clientId: '',
    lagRecords: 7,
    committedOffset: 100,
  };

  async function bothOf(partitions: readonly PartitionState[] | null) {
    const { metrics } = metricsOf([STATE], partitions);
    metrics.count('samples', { cluster: 'c' });
    metrics.count('polls', { server: 'local', outcome: 'ok' });
    metrics.observe('pollSeconds', { server: 'local' }, 0.02);
    const [text, open] = await Promise.all([metrics.expose('text'), metrics.expose('openMetrics')]);
    return {
      contentType: open.contentType,
      text: text.body.toString() + (await collect(text.rest ?? [])),
      open: open.body.toString() + (await collect(open.rest ?? [])),
      again: (await metrics.expose('text')).body.toString(),
    };
  }

  test.each([
    ['without partitions', null],
    ['with partitions', [PARTITION]],
  ])(
    'when it asks %s, then it gets the same series in that format, ended as it demands',
    async (_, partitions) => {
      const { contentType, text, open, again } = await bothOf(partitions);
      expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
      expect(open).toMatch(/[^\n]\n# EOF\n$/);
      expect(open.match(/# EOF/g)).toHaveLength(1);
      expect(open).not.toContain('\n\n');
      expect(open).toContain(
        '# TYPE burrow_rainbow_samples counter\nburrow_rainbow_samples_total{cluster="c"} 1\n',
      );
      for (const [, family = ''] of open.matchAll(/^# TYPE (\S+) counter$/gm)) {
        expect(family).not.toMatch(/_total$/);
        expect(open).toContain(`# HELP ${family} `);
      }
      const own = (all: string) =>
        all.split('\n').filter((line) => /^burrow_rainbow_/.test(line) && !line.includes('sample_age'));
      expect(own(open)).toEqual(own(text));
      // What one reader asks for changes nothing for the next.
      expect(own(again)).toEqual(own(text).filter((line) => !line.startsWith('burrow_rainbow_partition_')));
      expect(again).toContain('# TYPE burrow_rainbow_samples_total counter\n');
    },
  );

  test('when values and help are odd, then they are written as the format has it', () => {
    expect(
      toOpenMetrics(
        '# HELP a_total The "a".\n# TYPE a_total counter\na_total Nan\n\n# HELP b b\\n\n# TYPE b gauge\nb +Inf\n',
      ),
    ).toBe('# HELP a The \\"a\\".\n# TYPE a counter\na_total NaN\n# HELP b b\\n\n# TYPE b gauge\nb +Inf\n');
  });
});
