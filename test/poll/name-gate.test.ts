import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { isAddressable } from '../../src/burrow/request-path.ts';
import type { NameFilter } from '../../src/poll/name-filter.ts';
import { createNameGate, firstOf } from '../../src/poll/name-gate.ts';
import { showTagIn } from '../../src/records/create-encoder.ts';

const FORMATS = ['wavefront', 'json'] as const;

const showIn = (format: (typeof FORMATS)[number]) => {
  const showTag = showTagIn({ format });
  return (name: string): string => showTag('consumer', name);
};

function createGate(
  shownAs: (name: string) => string = showIn('wavefront'),
  filter: NameFilter = { allow: /.*/s, deny: null },
  level = 'warn',
) {
  const counts: string[] = [];
  const lines: string[] = [];
  const gate = createNameGate(
    {
      filter,
      isAddressable,
      shownAs,
      count: (cluster, kind, times) => counts.push(`${cluster} ${kind} ${times}`),
      log: pino({ level }, { write: (line) => lines.push(line) }),
    },
    { what: 'group', clusterOf: () => 'prod' },
  );
  return { gate, counts, lines };
}

describe('given a filter that leaves names out', () => {
  test('when the filter is given anew, then that is told again only where it leaves out others', () => {
    const filter = (deny: RegExp) => ({ allow: /.*/s, deny });
    const { gate, lines } = createGate(undefined, filter(/^a/), 'info');
    const told = () => lines.map((line) => (JSON.parse(line) as { names: string[] }).names);
    const admit = () => gate.admit(['apples', 'berries']);
    expect([admit(), admit()]).toEqual([['berries'], ['berries']]);
    gate.refilter(filter(/^a/));
    expect(admit()).toEqual(['berries']);
    expect(told()).toEqual([['apples']]);
    gate.refilter(filter(/^b/));
    expect([admit(), admit()]).toEqual([['apples'], ['apples']]);
    expect(told()).toEqual([['apples'], ['berries']]);
    expect(gate.hidden().names).toEqual(['berries']);
  });

  test('when a hundred thousand long names are made up for it, then only the beginnings of five are kept', () => {
    const { gate, lines } = createGate(undefined, { allow: /.*/s, deny: /^made-up/ }, 'info');
    const madeUp = Array.from({ length: 100_000 }, (_, index) => `made-up-${index}-${'x'.repeat(300)}`);
    expect(gate.admit(['orders', ...madeUp])).toEqual(['orders']);
    const { total, names } = gate.hidden();
    expect([total, names.length, Math.max(...names.map((name) => name.length))]).toEqual([100_000, 5, 201]);
    expect(names.map((name) => name.slice(0, 16))).toEqual(
      ['0', '1', '10', '100', '1000'].map((number) => `made-up-${number}-xxxxxxxx`.slice(0, 16)),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(2000);
  });

  test('when the list comes in another order, then that is no change', () => {
    const { gate, lines } = createGate(undefined, { allow: /.*/s, deny: /^made-up/ }, 'info');
    gate.admit(['made-up-1', 'made-up-2', 'orders']);
    gate.admit(['orders', 'made-up-2', 'made-up-1']);
    gate.admit(['orders', 'payments', 'made-up-2', 'made-up-1']);
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
    const { gate, counts, lines } = createGate();
    expect(gate.admit(['pay\u0000ments', 'pay_ments', 'pay\nments', 'orders\u202e'])).toEqual([
      'pay_ments',
      'orders\u202e',
    ]);
    expect(counts).toEqual(['prod ambiguousName 1', 'prod ambiguousName 1']);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      what: 'group',
      names: ['pay\0ments', 'pay\nments'],
      total: 2,
    });
  });

  test('when they stay listed, then that is told once; when another comes, then of that one', () => {
    const { gate, counts, lines } = createGate();
    for (let discovery = 0; discovery < 3; discovery++) gate.admit(['a\n', 'a_']);
    expect([counts.length, lines.length]).toEqual([1, 1]);
    gate.admit(['a\n', 'a_', 'a\t']);
    expect([counts.length, lines.length]).toEqual([2, 2]);
  });

  test('when several are altered into one, then the same one is admitted in whatever order they are listed', () => {
    for (const names of [
      ['a\t', 'a\n'],
      ['a\n', 'a\t'],
    ]) {
      expect(createGate().gate.admit(names)).toEqual(['a\t']);
    }
  });

  test.each(FORMATS)('when any are listed, then no two admitted ones look alike (%s)', (format) => {
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
        const { gate } = createGate(shownAs);
        const admitted = gate.admit(names);
        expect(new Set(admitted.map(shownAs)).size).toBe(admitted.length);
        // Whoever needs no alteration is never turned away for one who does.
        for (const listed of names) {
          if (isAddressable(listed) && shownAs(listed) === listed) expect(admitted).toContain(listed);
        }
      }),
    );
  });
});

describe('given names that go on and on', () => {
  test('when they are refused, then the log shows the beginning of the first few', () => {
    const { gate, counts, lines } = createGate();
    expect(gate.admit(Array.from({ length: 20 }, (_, index) => `${index}${'/'.repeat(10_000)}`))).toEqual([]);
    expect(counts).toHaveLength(20);
    expect(lines).toHaveLength(1);
    expect(lines[0]!.length).toBeLessThan(2_000);
  });

  test('when one has 10 kB, then it is admitted; when it has more, then not', () => {
    const { gate, counts } = createGate();
    expect(gate.admit(['x'.repeat(10_240), 'x'.repeat(10_241)])).toEqual(['x'.repeat(10_240)]);
    expect(counts).toEqual(['prod unaddressableName 1']);
  });
});

describe('given a filter', () => {
  function createCountingGate() {
    const looked: string[] = [];
    const gate = createNameGate(
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
        shownAs: (name) => name,
        count: () => undefined,
        log: pino({ level: 'silent' }),
      },
      { what: 'group', clusterOf: () => 'prod' },
    );
    return { gate, looked };
  }

  test('when a name is longer than any that can be asked for, then no expression looks at it', () => {
    const { gate, looked } = createCountingGate();
    expect(gate.admit(['x'.repeat(32_767), 'y'.repeat(10_240), 'z'])).toHaveLength(2);
    expect(looked.map((name) => name.length)).toEqual([10_240, 1]);
  });

  test('when a list comes again, then only names that are new are looked at', () => {
    const { gate, looked } = createCountingGate();
    gate.admit(['a', 'denied', 'b']);
    expect(gate.admit(['c', 'b', 'denied', 'a'])).toEqual(['c', 'b', 'a']);
    expect(looked).toEqual(['a', 'denied', 'b', 'c']);
    gate.admit([]);
    gate.admit(['a']);
    expect(looked).toEqual(['a', 'denied', 'b', 'c', 'a']);
  });
});
