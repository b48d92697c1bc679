import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBearerCheck } from '../../src/http/guards.ts';

describe('given a token', () => {
  const isRight = createBearerCheck('s3cret');

  test.each(['Bearer s3cret', 'bearer s3cret', 'BEARER  s3cret '])(
    'when %j comes, then it is right',
    (header) => {
      expect(isRight(header)).toBe(true);
    },
  );

  test.each([
    undefined,
    '',
    's3cret',
    'Bearer',
    'Bearer s3cre',
    'Bearer s3crets',
    'Bearer S3CRET',
    'Basic s3cret',
    'Bearer s3cret x',
    ' Bearer s3cret',
    'Bearer\ts3cret',
    'Bearer s3cret\u00a0',
    'Bearer "s3cret"',
    'Bearer s3cret, Bearer s3cret',
    'Basic Zm9v, Bearer s3cret',
    'Bearer s3cret\0',
    `Bearer ${'s3cret'.repeat(2_000)}`,
    `Bearer${' '.repeat(16_000)}s3cre`,
  ])('when %j comes, then it is wrong', (header) => {
    expect(isRight(header)).toBe(false);
  });
});

describe('given tokens of any length', () => {
  test('when they are compared, then only the same one is right, and a comparison of unequal lengths never throws', () => {
    const token = fc.stringMatching(/^[\w.~+/-]{1,40}=*$/);
    fc.assert(
      fc.property(token, token, (expected, given) => {
        const isRight = createBearerCheck(expected);
        expect(isRight(`Bearer ${given}`)).toBe(given === expected);
        expect(isRight(`Bearer ${expected}`)).toBe(true);
      }),
    );
  });
});

describe('given a blank token', () => {
  test('when no header comes, then it is not let in', () => {
    expect(createBearerCheck('')(undefined)).toBe(false);
    expect(createBearerCheck('')('Bearer ')).toBe(false);
  });
});
