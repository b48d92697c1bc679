import { describe, expect, test } from 'vitest';
import { createEventHub, type EventHubOptions, type EventStream } from '../../../src/http/api/event-hub.ts';
import type { GroupEntryView } from '../../../src/http/api/api-source.ts';
import type { DatedHealth } from '../../../src/http/health-since.ts';
import { createSimulatedTime } from '../../support/simulated-time.ts';
import { createApiSource } from '../api-source.ts';
import { WELL } from '../serve.ts';

/** A reader that takes everything at once, until it is told to lag behind. */
function createReader() {
  const told: string[] = [];
  let waiting = 0;
  let taking = true;
  const stream: EventStream = {
    write(bytes) {
      told.push(bytes.toString());
      if (!taking) waiting += bytes.length;
    },
    waitingBytes: () => waiting,
    end: () => told.push('end'),
    cut: () => told.push('cut'),
  };
  return {
    stream,
    /** `kind` or `kind: facts` of each event so far, in short. */
    told: () => told.map((text) => /event: (.*)/.exec(text)?.[1] ?? text),
    ids: () => told.flatMap((text) => Number(/^id: (.*)/.exec(text)?.[1] ?? NaN)),
    data: () => told.map((text) => JSON.parse(/data: (.*)/.exec(text)?.[1] ?? 'null') as unknown),
    lagBehind: () => (taking = false),
  };
}

function given(options: EventHubOptions = {}) {
  const time = createSimulatedTime();
  let entries: GroupEntryView[] = [];
  let version = 0;
  let gone: readonly { cluster: string; group: string }[] | null = [];
  let minutes = 0;
  let health: DatedHealth = { status: 'ok', phase: 'running', sinceMs: 0, uptimeSeconds: 1, parts: [] };
  const source = createApiSource({
    groups: {
      get version() {
        return version;
      },
      values: () => entries,
      goneSince: () => gone,
      stepsOf: () => new Float64Array(60),
      statusesOf: () => [],
    },
    minutes: () =>
      Array.from({ length: minutes }, (_, index) => ({
        number: index + 1,
        endedAtMs: 1,
        records: { lag: 0, consumer: 0, producer: 0, traffic: 0 },
        exceptions: new Map(),
        clusters: [],
      })),
  });
  const hub = createEventHub(
    { source, health: () => WELL, judge: () => health, clock: time.clock, scheduler: time.scheduler },
    options,
  );
  return {
    time,
    hub,
    sample: (...groups: string[]) => {
      version += 1;
      const changed = groups.map((group) => ({
        state: {
          cluster: 'c',
          group,
          status: 1,
          totalLagRecords: 1,
          partitions: 1,
          consumedPerSecond: null,
          producedPerSecond: null,
          takenAtMs: 1,
        },
        meanConsumedPerSecond: null,
        meanProducedPerSecond: null,
        statuses: { sinceMs: 1, isExact: false },
        version,
      }));
      entries = [...entries.filter(({ state }) => !groups.includes(state.group)), ...changed];
    },
    end: (...groups: string[]) => {
      version += 1;
      gone = groups.map((group) => ({ cluster: 'c', group }));
    },
    forgetEnds: () => {
      version += 1;
      gone = null;
    },
    endMinute: () => (minutes += 1),
    fall: (reason: string, sinceMs = 0) =>
      (health = {
        ...health,
        status: 'degraded',
        parts: [{ name: 'sink', status: 'degraded', sinceMs, reason }],
      }),
  };
}

describe('given one who listens', () => {
  test('when groups are sampled many times within a second, then one event has each of them once', async () => {
    const { hub, time, sample } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    sample('a');
    sample('a', 'b');
    await time.advance(1000);
    expect(reader.told()).toEqual(['reset', 'groups']);
    const { rows } = reader.data()[1] as { rows: readonly (readonly unknown[])[] };
    expect(rows.map(([, group]) => group)).toEqual(['a', 'b']);
    await time.advance(5000);
    expect(reader.told()).toEqual(['reset', 'groups']);
  });

  test('when a group ends, then it is named', async () => {
    const { hub, time, end } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    end('a');
    await time.advance(1000);
    expect(reader.data()[1]).toMatchObject({ rows: [], gone: [['c', 'a']] });
  });

  test('when more ended than is remembered, then everyone begins anew', async () => {
    const { hub, time, forgetEnds } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    forgetEnds();
    await time.advance(1000);
    expect(reader.data()[1]).toMatchObject({ reason: 'expired' });
  });

  test('when minutes end, then each is told once', async () => {
    const { hub, time, endMinute } = given();
    endMinute();
    const reader = createReader();
    hub.join(reader.stream, null);
    endMinute();
    endMinute();
    await time.advance(3000);
    expect(reader.told()).toEqual(['reset', 'traffic', 'traffic']);
  });

  test('when the health falls, then it is told; when only figures in a reason grow, it is not', async () => {
    const { hub, time, fall } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    fall('no answer for 5 s');
    await time.advance(5000);
    fall('no answer for 10 s');
    await time.advance(5000);
    expect(reader.told()).toEqual(['reset', 'health']);
  });

  test('when a part has recovered and failed again between two looks, then there is an event', async () => {
    const { hub, time, fall } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    fall('no answer', 1000);
    await time.advance(5000);
    fall('no answer', 7000);
    await time.advance(5000);
    expect(reader.told()).toEqual(['reset', 'health', 'health']);
  });

  test('when nothing happens, then a comment comes every 15 s', async () => {
    const { hub, time } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    await time.advance(31_000);
    expect(reader.told()).toEqual(['reset', ':\n\n', ':\n\n']);
  });
});

describe('given a reader that comes back', () => {
  test('when what it missed is kept, then it gets exactly that', async () => {
    const { hub, time, sample } = given();
    const witness = createReader();
    const reader = createReader();
    hub.join(witness.stream, null);
    hub.join(reader.stream, null);
    sample('a');
    await time.advance(1000);
    hub.leave(reader.stream);
    sample('b');
    await time.advance(1000);
    sample('c');
    await time.advance(1000);
    const again = createReader();
    hub.join(again.stream, reader.ids().at(-1)!);
    expect(again.ids()).toEqual(witness.ids().slice(-2));
    expect(again.data()).toEqual(witness.data().slice(-2));
  });

  test('when too much has happened, then it begins anew', async () => {
    const { hub, time, sample } = given({ replayBytes: 300 });
    const reader = createReader();
    hub.join(reader.stream, null);
    const [first] = reader.ids();
    for (const group of ['a', 'b', 'c', 'd', 'e']) {
      sample(group);
      await time.advance(1000);
    }
    const again = createReader();
    hub.join(again.stream, first!);
    expect(again.data()).toMatchObject([{ reason: 'expired' }]);
    expect(again.ids()[0]).toBeGreaterThan(reader.ids().at(-1)!);
  });

  test('when its id is of another life or made up, then it begins anew', () => {
    const { hub } = given();
    for (const id of [0, 1, Number.MAX_SAFE_INTEGER]) {
      const reader = createReader();
      hub.join(reader.stream, id);
      expect(reader.data()).toMatchObject([{ reason: 'expired' }]);
    }
  });

  test('when nobody has listened for five minutes, then nothing runs any more, and it begins anew', async () => {
    const { hub, time, sample } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    sample('a');
    await time.advance(1000);
    hub.leave(reader.stream);
    await time.advance(302_000);
    expect(time.pending()).toBe(0);
    sample('b');
    const again = createReader();
    hub.join(again.stream, reader.ids().at(-1)!);
    // What it has seen is the last that was told, but what came since was not told to anyone.
    expect(again.data()).toMatchObject([{ reason: 'expired' }]);
  });
});

describe('given bounds', () => {
  test('when a reader does not keep up, then it is cut and the others go on', async () => {
    const { hub, time, sample } = given({ mostWaitingBytes: 150 });
    const slow = createReader();
    const quick = createReader();
    hub.join(slow.stream, null);
    hub.join(quick.stream, null);
    slow.lagBehind();
    for (const group of ['a', 'b', 'c']) {
      sample(group);
      await time.advance(1000);
    }
    expect(slow.told()).toEqual(['reset', 'groups', 'groups', 'cut']);
    expect(quick.told()).toEqual(['reset', 'groups', 'groups', 'groups']);
  });

  test('when there are as many as there may be, then one more is turned down until one leaves', () => {
    const { hub } = given({ mostStreams: 2 });
    const readers = [createReader(), createReader(), createReader()];
    expect(readers.map(({ stream }) => hub.join(stream, null))).toEqual([true, true, false]);
    expect(hub.isFull).toBe(true);
    hub.leave(readers[0]!.stream);
    expect(hub.join(readers[2]!.stream, null)).toBe(true);
  });

  test('when it is closed, then all end and nobody joins', () => {
    const { hub, time } = given();
    const reader = createReader();
    hub.join(reader.stream, null);
    hub.close();
    expect(reader.told()).toEqual(['reset', 'end']);
    expect(hub.join(createReader().stream, null)).toBe(false);
    expect(time.pending()).toBe(0);
  });
});
