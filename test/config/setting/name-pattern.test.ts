import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileNamePattern, type NamePattern } from '../../../src/config/setting/name-pattern.ts';

function compile(source: string): NamePattern {
  const pattern = compileNamePattern(source);
  if (typeof pattern === 'string') throw new Error(pattern);
  return pattern;
}

describe('given expressions that a backtracking engine never finishes', () => {
  test.each([
    ['(a+)+$', `${'a'.repeat(10_240)}!`, false],
    ['.*foo.*bar', 'foo'.repeat(3_400), false],
    ['(x+x+)+y', 'x'.repeat(10_240), false],
    ['^(.*a){20}$', 'a'.repeat(10_240), true],
  ])('when %s meets a name made up against it, then it answers', (source, name, expected) => {
    expect(compile(source).test(name)).toBe(expected);
  });
});

describe('given expressions as users write them', () => {
  const written = [
    '.*',
    '^prod',
    '-(dev|test)$',
    '^(a|b)-[0-9]+$',
    '^a.*z$',
    'x?y{2,3}',
    '\\d+',
    '\\bfoo\\b',
    '[^a-c]+x',
    '^__',
  ];

  test('when they are searched for in any name, then they find what JavaScript finds', () => {
    const letters = fc.stringMatching(/^[abcdxyz019_. foprtes-]{0,20}$/);
    fc.assert(
      fc.property(fc.constantFrom(...written), letters, (source, name) => {
        expect(compile(source).test(name)).toBe(new RegExp(source).test(name));
      }),
    );
  });

  test('when one asks for either case, then it finds both', () => {
    expect(['TEST-1', 'a-Test', 'prod'].map((name) => compile('(?i)test').test(name))).toEqual([
      true,
      true,
      false,
    ]);
  });

  test.each([
    ['^team-[[:digit:]]', 'team-7'],
    ['\\Aprod\\z', 'prod'],
    ['\\Qa.b\\E', 'a.b'],
    ['^\\pL', 'é'],
  ])('when %s is what RE2 alone understands, then it finds %s', (source, name) => {
    expect(compile(source).test(name)).toBe(true);
  });

  test('when one refers back, then it is refused though it repeats nothing', () => {
    expect(compileNamePattern('(a)-\\1')).toContain('not supported');
  });

  test('when one is used twice, then it keeps no state', () => {
    const pattern = compile('a+');
    expect([pattern.test('aa'), pattern.test('aa')]).toEqual([true, true]);
  });
});
