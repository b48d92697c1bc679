import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { isAddressable } from '../../src/burrow/request-path.ts';
import type { NameFilter } from '../../src/poll/name-filter.ts';
import { createNameSelector, firstOf } from '../../src/poll/name-selector.ts';
import { FORMAT_NAMES, FORMATS, type FormatName } from '../../src/records/formats/formats.ts';

const OF_GROUPS = {
  what: 'group',
  plural: 'groups',
  tag: 'consumer',
  filterKey: 'discovery.groups',
  cluster: 'prod',
};

const showIn = (format: FormatName) => {
  const showTag = FORMATS[format].showTag;
  return (name: string): string => showTag('consumer', name);
};

function createSelector(
  shownAs: (name: string) => string = showIn('wavefront'),
  filter: NameFilter = { allow: /.*/s, deny: null },
  level = 'warn',
) {
  const counts: string[] = [];
  const lines: string[] = [];
  const selector = createNameSelector(
    {
      filter,
      isAddressable,
      showTag: (_, name) => shownAs(name),
      count: (cluster, kind, times) => counts.push(`${cluster} ${kind} ${times}`),
      log: pino({ level }, { write: (line) => lines.push(line) }),
    },
    OF_GROUPS,
  );
  return { selector, counts, lines };
}

describe('given a filter that leaves names out', () => {
  test('when the filter is given anew, then that is logged again only where it leaves out others', () => {
    const filter = (deny: RegExp) => ({ allow: /.*/s, deny });
    const { selector, lines } = createSelector(undefined, filter(/^a/), 'info');
    const logged = () => lines.map((line) => (JSON.parse(line) as { names: string[] }).names);
    const select = () => selector.select(['apples', 'berries']);
    expect([select(), select()]).toEqual([['berries'], ['berries']]);
    selector.refilter(filter(/^a/));
    expect(select()).toEqual(['berries']);
    expect(logged()).toEqual([['apples']]);
    selector.refilter(filter(/^b/));
    expect([select(), select()]).toEqual([['apples'], ['apples']]);
    expect(logged()).toEqual([['apples'], ['berries']]);
    expect(selector.hidden().names).toEqual(['berries']);
  });

  test('when a hundred thousand long names are made up for it, then only the beginnings of five are kept', () => {
    const { selector, lines } = createSelector(undefined, { allow: /.*/s, deny: /^made-up/ }, 'info');
    const madeUp = Array.from({ length: 100_000 }, (_, index) => `made-up-${index}-${'x'.repeat(300)}`);
    expect(selector.select(['orders', ...madeUp])).toEqual(['orders']);
    const { total, names } = selector.hidden();
    expect([total, names.length, Math.max(...names.map((name) => name.length))]).toEqual([100_000, 5, 201]);
    expect(names.map((name) => name.slice(0, 16))).toEqual(
      ['0', '1', '10', '100', '1000'].map((number) => `made-up-${number}-xxxxxxxx`.slice(0, 16)),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(2000);
  });

  test('when the list comes in another order, then that is no change', () => {
    const { selector, lines } = createSelector(undefined, { allow: /.*/s, deny: /^made-up/ }, 'info');
    selector.select(['made-up-1', 'made-up-2', 'orders']);
    selector.select(['orders', 'made-up-2', 'made-up-1']);
    selector.select(['orders', 'payments', 'made-up-2', 'made-up-1']);
    expect(lines).toHaveLength(1);
  });
});

describe('given any names', () => {
  test('when the first of them are wanted, then they are those that sorting gives', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 })), fc.integer({ min: 1, max: 6 }), (names, most) => {
        expect(firstOf(names, most)).toEqual([...names].sort().slice(0, most));
      }),
    );
  });
});

describe('given names that records can only show altered', () => {
  test('when one looks like another listed one, then that other one keeps its series to itself', () => {
    const { selector, counts, lines } = createSelector();
    expect(selector.select(['pay\u0000ments', 'pay_ments', 'pay\nments', 'orders\u202e'])).toEqual([
      'pay_ments',
      'orders\u202e',
    ]);
    expect(counts).toEqual(['prod ambiguousName 2']);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      what: 'group',
      names: ['pay\0ments', 'pay\nments'],
      total: 2,
    });
  });

  test('when they stay listed, then that is told once; when another comes, then of that one', () => {
    const { selector, counts, lines } = createSelector();
    for (let discovery = 0; discovery < 3; discovery++) selector.select(['a\n', 'a_']);
    expect([counts.length, lines.length]).toEqual([1, 1]);
    selector.select(['a\n', 'a_', 'a\t']);
    expect([counts.length, lines.length]).toEqual([2, 2]);
  });

  test('when several are altered into one, then the same one is selected in whatever order they are listed', () => {
    for (const names of [
      ['a\t', 'a\n'],
      ['a\n', 'a\t'],
    ]) {
      expect(createSelector().selector.select(names)).toEqual(['a\t']);
    }
  });

  test.each(FORMAT_NAMES)('when any are listed, then no two selected ones look alike (%s)', (format) => {
    const shownAs = showIn(format);
    const name = fc.oneof(
      fc.string({
        unit: fc.constantFrom('a', '_', '\n', '\t', ' ', '=', '"', '\u202e', '\u0085'),
        maxLength: 3,
      }),
      fc.string({ unit: 'binary', maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(name), (names) => {
        const { selector } = createSelector(shownAs);
        const selected = selector.select(names);
        expect(new Set(selected.map(shownAs)).size).toBe(selected.length);
        // Whoever needs no alteration is never turned away for one who does.
        for (const listed of names) {
          if (isAddressable(listed) && shownAs(listed) === listed) expect(selected).toContain(listed);
        }
      }),
    );
  });
});

describe('given names that go on and on', () => {
  test('when they are refused, then the log shows the beginning of the first few', () => {
    const { selector, counts, lines } = createSelector();
    expect(
      selector.select(Array.from({ length: 20 }, (_, index) => `${index}${'/'.repeat(10_000)}`)),
    ).toEqual([]);
    expect(counts).toEqual(['prod unaddressableName 20']);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(2_000);
  });

  test('when one has 10 kB, then it is selected; when it has more, then not', () => {
    const { selector, counts } = createSelector();
    expect(selector.select(['x'.repeat(10_240), 'x'.repeat(10_241)])).toEqual(['x'.repeat(10_240)]);
    expect(counts).toEqual(['prod unaddressableName 1']);
  });
});

describe('given a filter', () => {
  function createCountingSelector() {
    const looked: string[] = [];
    const selector = createNameSelector(
      {
        filter: {
          allow: {
            test(name) {
              looked.push(name);
              return !name.startsWith('denied');
            },
          },
          deny: null,
        },
        isAddressable,
        showTag: (_, name) => name,
        count: () => undefined,
        log: pino({ level: 'silent' }),
      },
      OF_GROUPS,
    );
    return { selector, looked };
  }

  test('when a name is longer than any that can be asked for, then no expression looks at it', () => {
    const { selector, looked } = createCountingSelector();
    expect(selector.select(['x'.repeat(32_767), 'y'.repeat(10_240), 'z'])).toHaveLength(2);
    expect(looked.map((name) => name.length)).toEqual([10_240, 1]);
  });

  test('when a list comes again, then only names that are new are looked at', () => {
    const { selector, looked } = createCountingSelector();
    selector.select(['a', 'denied', 'b']);
    expect(selector.select(['c', 'b', 'denied', 'a'])).toEqual(['c', 'b', 'a']);
    expect(looked).toEqual(['a', 'denied', 'b', 'c']);
    selector.select([]);
    selector.select(['a']);
    expect(looked).toEqual(['a', 'denied', 'b', 'c', 'a']);
  });
});
