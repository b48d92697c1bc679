import { describe, expect, test } from 'vitest';
import { writeMark } from '../../src/ledger/delivery-mark.ts';
import { createEntryWriter, type Identity } from '../../src/ledger/ledger-entry.ts';
import { writeBeatKey, writeEntryKey, writeMarkKey } from '../../src/ledger/ledger-key.ts';
import { sortRecovered } from '../../src/ledger/recovered-spans.ts';

const identity: Identity = { prefix: 'burrow', naming: 'rainbow', tags: {}, seriesTags: ['owner'] };
const self = { source: 'rainbow-1', identity };
const key = writeEntryKey({ source: 'rainbow-1', about: 'group', cluster: 'prod', name: 'workers' });
const writer = createEntryWriter(identity);
const nothing = { open: null, doubted: null, opened: null, closed: null };
const lagOf = (...owners: string[]) =>
  JSON.stringify([['partition', 'Lag', ...owners.map((owner) => ['orders', 0, owner])]]);
const none = new Map<string, never>();

function sort(value: string | null, onDisk: Parameters<typeof sortRecovered>[1] = none) {
  return sortRecovered({ entries: new Map([[key, value ?? '']]), isNew: false }, onDisk, self);
}

function shown({ ours, former }: ReturnType<typeof sortRecovered>) {
  const show = (recovered: typeof ours) =>
    recovered.flatMap(({ spans }) =>
      spans.map(({ subject, isDoubtful }) => `${subject.owner ?? ''}${isDoubtful ? '?' : ''}`),
    );
  return { ours: show(ours), former: show(former) };
}

describe('given an entry of this source', () => {
  test('when its samples had arrived, then its spans go on', () => {
    const value = writer.settled({ open: lagOf('/a'), doubted: null });
    expect(shown(sort(value))).toEqual({ ours: ['/a'], former: [] });
  });

  test('when it has a metric of another version, then its other spans go on, and the metric is told', () => {
    const open = JSON.stringify([['partition', 'Lag,lagBytes', ['orders', 0, '/a']]]);
    const sorted = sort(writer.settled({ open, doubted: null }));
    expect(shown(sorted)).toEqual({ ours: ['/a'], former: [] });
    expect(sorted).toMatchObject({ unreadable: 0, unknown: new Set(['lagBytes']) });
  });

  test('when a span was being opened, then its beginning is in doubt', () => {
    const value = writer.underWay([{ ...nothing, key, open: lagOf('/a'), opened: lagOf('/a') }]);
    expect(shown(sort(value))).toEqual({ ours: ['/a?'], former: [] });
  });

  test('when a span was being closed, then it may still be open, or begin anew', () => {
    const value = writer.underWay([{ ...nothing, key, closed: lagOf('/a') }]);
    expect(shown(sort(value))).toEqual({ ours: ['/a?'], former: [] });
  });

  test('when its partition changed hands meanwhile, then the new one goes on and the old one is ended', () => {
    const value = writer.underWay([
      { ...nothing, key, open: lagOf('/b'), opened: lagOf('/b'), closed: lagOf('/a') },
    ]);
    expect(shown(sort(value))).toEqual({ ours: ['/b?'], former: ['/a?'] });
  });

  test('when nothing was open, then there is nothing to go on with or to end', () => {
    const { ours, former } = sort(writer.settled({ open: lagOf(), doubted: null }) ?? null);
    expect([ours, former]).toEqual([[], []]);
  });

  test('when all of it goes on, then nothing is to be ended', () => {
    const { ours, former } = sort(writer.settled({ open: lagOf('/a'), doubted: null }));
    expect([ours.length, former]).toEqual([1, []]);
  });

  test('when topics share a partition id, then both go on', () => {
    const topics = JSON.stringify([['partition', 'Lag', ['orders', 0, '/a'], ['letters', 0, '/b']]]);
    expect(shown(sort(writer.settled({ open: topics, doubted: null })))).toEqual({
      ours: ['/a', '/b'],
      former: [],
    });
  });

  test('when it was written under the same tags in another order, then its spans go on', () => {
    const tagged = (tags: Identity['tags'], seriesTags: Identity['seriesTags']) => ({
      ...identity,
      tags,
      seriesTags,
    });
    const before = createEntryWriter(tagged({ dc: 'us1', rack: '7' }, ['owner', 'client_id']));
    const value = before.settled({ open: lagOf('/a'), doubted: null });
    const now = tagged({ rack: '7', dc: 'us1' }, ['client_id', 'owner']);
    const entries = new Map([[key, value ?? '']]);
    const sorted = sortRecovered({ entries, isNew: false }, none, { source: 'rainbow-1', identity: now });
    expect(shown(sorted)).toEqual({ ours: ['/a'], former: [] });
  });

  test('when hosts share a partition id, each with topics of its own, then all go on', () => {
    const hosts = JSON.stringify([['host', 'hosts', [null, 0, '/a'], [null, 0, '/b']]]);
    expect(shown(sort(writer.settled({ open: hosts, doubted: null })))).toEqual({
      ours: ['/a', '/b'],
      former: [],
    });
  });

  const at = (index: number) => ({ store: 's', life: 2, index });
  const onDisk = (open: string | null) => new Map([[key, { open, doubted: null, place: at(5) }]]);

  test('when samples on disk are newer, then they count', () => {
    const value = writer.settled({ open: lagOf('/a'), doubted: null });
    expect(shown(sort(value, onDisk(lagOf('/b'))))).toEqual({ ours: ['/b'], former: [] });
    expect(shown(sort(value, onDisk(null)))).toEqual({ ours: [], former: [] });
  });

  test('when samples that are still on disk have arrived, then the ledger counts', () => {
    const mark: [string, string] = [writeMarkKey('rainbow-1'), writeMark({ place: at(5) })];
    const value = writer.settled({ open: lagOf('/a'), doubted: null }) ?? '';
    const isNew = false;
    const open = sortRecovered({ entries: new Map([[key, value], mark]), isNew }, onDisk(lagOf('/b')), self);
    expect(shown(open)).toEqual({ ours: ['/a'], former: [] });
    const closed = sortRecovered({ entries: new Map([mark]), isNew }, onDisk(lagOf('/b')), self);
    expect(closed).toEqual({ ours: [], former: [], foreign: new Map(), unreadable: 0, unknown: new Set() });
  });
});

describe('given an entry that is not quite ours', () => {
  test('when its series were named in another way, then they are ended under those names', () => {
    const old = createEntryWriter({ ...identity, prefix: 'fjord' }).settled({
      open: lagOf('/a'),
      doubted: null,
    });
    const { ours, former } = sort(old);
    expect(ours).toEqual([]);
    expect(former[0]?.identity.prefix).toBe('fjord');
  });

  test('when other tags told its series apart, then they are ended with those tags', () => {
    const old = createEntryWriter({ ...identity, seriesTags: ['owner', 'client_id'] });
    expect(shown(sort(old.settled({ open: lagOf('/a'), doubted: null })))).toEqual({
      ours: [],
      former: ['/a'],
    });
  });

  test('when it is of another source, then it is told apart', () => {
    const other = writeEntryKey({ source: 'rainbow-2', about: 'group', cluster: 'prod', name: 'workers' });
    const value = writer.settled({ open: lagOf('/a', '/b'), doubted: null }) ?? '';
    const entries = new Map([
      [other, value],
      [writeBeatKey('rainbow-2'), '[]'],
      [writeMarkKey('rainbow-2'), writeMark({})],
    ]);
    const { foreign, ...rest } = sortRecovered({ entries, isNew: false }, none, self);
    expect(rest).toEqual({ ours: [], former: [], unreadable: 0, unknown: new Set() });
    expect([...foreign.keys()]).toEqual(['rainbow-2']);
    expect(foreign.get('rainbow-2')?.flatMap(({ spans }) => spans)).toHaveLength(2);
  });

  test.each(['', 'null', '{"v":2}', '{"v":1,"as":{},"open":[]}', '{"v":1', '[]'])(
    'when its value is %s, then it is counted as unreadable',
    (value) => {
      expect(sort(value)).toMatchObject({ ours: [], former: [], unreadable: 1 });
    },
  );
});

describe('given samples on disk that were taken under other tags', () => {
  test('when they are newer than the ledger, then their spans are ended under the names that they had', () => {
    const as = JSON.stringify({ ...identity, tags: { dc: 'old' } });
    const place = { store: 's', life: 1, index: 1 };
    const sorted = sort(null, new Map([[key, { open: lagOf('/a'), doubted: null, place, as }]]));
    expect(shown(sorted)).toEqual({ ours: [], former: ['/a'] });
    expect(sorted.former[0]?.identity.tags).toEqual({ dc: 'old' });
  });
});
