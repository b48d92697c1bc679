import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNotifierBody } from '../../src/http/notifier-body.ts';

function parse(body: unknown, isCloseByMethod = false) {
  return parseNotifierBody(
    Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    isCloseByMethod,
  );
}

const PARTITION = {
  topic: 't',
  partition: 3,
  owner: '/10.0.0.1',
  client_id: 'app',
  status: 'STALL',
  start: { offset: 1, timestamp: 2, observedAt: 3, lag: 4 },
  end: null,
  current_lag: 5,
  complete: 1,
};

describe('given a body that the notifier sends', () => {
  test("when it is our own template's, then all of it is read", () => {
    const body = {
      source: 'burrow',
      event: 'close',
      id: 'a1',
      cluster: 'c',
      group: 'g',
      start: '2026-01-02T03:04:05Z',
      status: 'OK',
      result: { total_lag: 12, partition_count: 3, maxlag: null },
    };
    expect(parse(body)).toEqual({
      kind: 'events',
      events: [{ cluster: 'c', group: 'g', event: 'close', status: 'OK', id: 'a1' }],
      faults: [],
    });
  });

  test("when it is Burrow's default, then the cluster is unknown", () => {
    const event = {
      severity: 'WARN',
      tier: 't',
      group: 'g',
      start: 'Jan 02',
      complete: 1,
      partitions: [PARTITION],
    };
    expect(parse({ api_key: 'k', app: 'a', block: false, events: [{ id: 'i', event }] })).toEqual({
      kind: 'events',
      events: [{ cluster: null, group: 'g', event: 'open', status: 'WARN', id: 'i' }],
      faults: [],
    });
  });

  test("when it is goRainbow's, then cluster and group are read", () => {
    const event = {
      severity: 'ERR',
      cluster: 'c',
      group: 'g',
      totalLag: '123',
      start: 'x',
      complete: 1,
      maxLagPartition: PARTITION,
      partitions: [PARTITION],
    };
    expect(parse({ api_key: 'k', app: 'a', block: false, events: [{ event }] })).toEqual({
      kind: 'events',
      events: [{ cluster: 'c', group: 'g', event: 'open', status: 'ERR', id: null }],
      faults: [],
    });
  });

  test('when the body does not say open or close, then the method does', () => {
    const group = { group: 'g' };
    for (const body of [group, { events: [{ event: group }] }]) {
      expect(parse(body, true)).toMatchObject({ events: [{ event: 'close' }] });
      expect(parse(body, false)).toMatchObject({ events: [{ event: 'open' }] });
    }
    expect(parse({ group: 'g', event: 'open' }, true)).toMatchObject({ events: [{ event: 'open' }] });
  });

  test('when names hold anything at all, then they come through unchanged', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ minLength: 1 }),
        (group, cluster) => {
          expect(parse({ group, cluster })).toMatchObject({ events: [{ group, cluster }] });
        },
      ),
    );
  });

  test('when id or status are blank, long or no strings, then they are left out', () => {
    for (const hint of ['', 'x'.repeat(101), 7, null, {}]) {
      expect(parse({ group: 'g', id: hint, status: hint })).toMatchObject({
        events: [{ id: null, status: null }],
      });
    }
  });
});

const ODD: readonly unknown[] = [null, '', 'maybe', 7, true, [], [7], {}, { event: 7 }, 'x'.repeat(40_000)];

describe('given a body that names a group', () => {
  const named = { kind: 'events', events: [{ cluster: 'c', group: 'g', event: 'open' }] };
  const FIELDS = ['api_key', 'app', 'complete', 'event', 'events', 'id', 'ids', 'result', 'severity'];
  const MORE = ['source', 'start', 'status', 'tier', 'block', 'partitions', 'totalLag', 'maxLagPartition'];

  test.each([...FIELDS, ...MORE])('when its %s is odd, then the group is taken all the same', (field) => {
    for (const odd of ODD) {
      expect(parse({ cluster: 'c', group: 'g', [field]: odd })).toMatchObject(named);
      const event = { cluster: 'c', group: 'g', [field]: odd };
      expect(parse({ events: [{ id: odd, event }], [field === 'events' ? 'x' : field]: odd })).toMatchObject(
        named,
      );
    }
  });

  test('when its cluster is odd, then every cluster is meant', () => {
    for (const odd of ODD.filter((each) => each !== 'maybe')) {
      expect(parse({ group: 'g', cluster: odd })).toMatchObject({ events: [{ cluster: null, group: 'g' }] });
      expect(parse({ events: [{ event: { group: 'g', cluster: odd } }] })).toMatchObject({
        events: [{ cluster: null, group: 'g' }],
      });
    }
  });

  test('when events are listed beside it, then those are taken, too', () => {
    const body = { group: 'g', events: [{ event: { group: 'h' } }, { event: {} }] };
    expect(parse(body)).toMatchObject({
      events: [{ group: 'g' }, { group: 'h' }],
      faults: [{ path: 'events[1].event.group' }],
    });
  });

  test('when others of its list name none, then it is taken, and the faults of the others are told', () => {
    const events = [{ event: {} }, { event: { group: 'g' } }, 7];
    expect(parse({ events })).toMatchObject({
      kind: 'events',
      events: [{ group: 'g' }],
      faults: [{ path: 'events[0].event.group' }, { path: 'events[2].event' }],
    });
  });

  test('when any other JSON stands beside it, then it is taken', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (rest) => {
        expect(parse({ ...rest, cluster: 'c', group: 'g' })).toMatchObject({
          kind: 'events',
          events: expect.arrayContaining([expect.objectContaining({ cluster: 'c', group: 'g' })]) as unknown,
        });
      }),
    );
  });
});

const refused: [string, unknown, string, RegExp][] = [
  ['is empty', '', '', /must not be empty/],
  ['is an array', [], '', /must be a JSON object, not an array/],
  ['is null', 'null', '', /not null/],
  ['is a string', '"a"', '', /not a string/],
  ['breaks off', '{"a":', '', /must be JSON: it ends too early/],
  ['has an unescaped quote', '{"group":"a"b"}', '', /must be JSON: it breaks off at character 12/],
  ['is plain text', 'api_key=abc', '', /must be JSON: a character is where none may be/],
  ['names nothing', {}, '', /must have 'group' or 'events'/],
  ["is Burrow's default close", { ids: ['i'] }, '', /use this project's template-close/],
  ['has events that are no array', { events: {} }, 'events', /must be an array, not an object/],
  ['has no events', { events: [] }, 'events', /must hold 1 to 1000 events, not 0/],
  ['has too many events', { events: Array(1001).fill({}) }, 'events', /not 1001/],
  ['has an event that is none', { events: [7] }, 'events[0].event', /must be an object, not absent/],
  ['has an event of null', { events: [{ event: null }] }, 'events[0].event', /not null/],
  ['has no group', { events: [{ event: {} }] }, 'events[0].event.group', /not absent/],
  ['has a blank group', { group: '' }, 'group', /not one of 0/],
  ['has a huge group', { group: 'x'.repeat(32_768) }, 'group', /not one of 32768/],
  ['has a group of another kind', { group: 5 }, 'group', /not a number/],
];

describe('given a body that is none', () => {
  test.each(refused)('when it %s, then the fault says where and what', (_name, body, path, rule) => {
    const parsed = parse(body);
    expect(parsed).toMatchObject({ kind: 'invalid', faults: [{ path }] });
    expect(parsed.kind === 'invalid' && parsed.faults[0]?.rule).toMatch(rule);
  });

  test('when it is no UTF-8, then it says so', () => {
    expect(parseNotifierBody(Buffer.from([0x7b, 0xff, 0x7d]), false)).toEqual({
      kind: 'invalid',
      faults: [{ path: '', rule: 'must be UTF-8' }],
    });
  });

  test('when all of many events are wrong, then the first ten faults are told', () => {
    const parsed = parse({ events: Array<unknown>(20).fill({ event: {} }) });
    expect(parsed.kind === 'invalid' && parsed.faults.map(({ path }) => path)).toEqual(
      Array.from({ length: 10 }, (_, index) => `events[${index}].event.group`),
    );
  });

  test('when it holds a secret, then no fault repeats it', () => {
    for (const body of ['{"api_key":"hunter2",}', '{"api_key":hunter2}', 'hunter2', '{"a":"hunter2"']) {
      expect(JSON.stringify(parse(body))).not.toContain('hunter2');
    }
  });
});
