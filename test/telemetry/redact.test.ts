import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactLine, redactText } from '../../src/telemetry/redact.ts';

describe('given a text', () => {
  test.each([
    ['GET http://user:pa@ss@burrow:8000/v3 failed', 'GET http://[redacted]@burrow:8000/v3 failed'],
    ['https://token@host', 'https://[redacted]@host'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: [redacted]'],
    ['sent bearer abcdefgh12345', 'sent bearer [redacted]'],
    ['/x?token=abc&b=1&api_key=d', '/x?token=[redacted]&b=1&api_key=[redacted]'],
  ])('when it is %j, then the secret is gone', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  test.each([
    'http://burrow:8000/v3/kafka/a@b',
    'mail me@example.org // see below',
    'the authorization failed',
    'bearer of bad news',
    '',
  ])('when it is %j, then it comes back unchanged', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('given a log line', () => {
  test('when secrets stand at any depth, then they are gone and the rest stays', () => {
    const line = JSON.stringify({
      a: { b: [{ Password: 'x1', passwordFile: '/run/p' }], headers: { authorization: ['x2'] } },
      saslPassword: 12,
      clientSecret: { type: 'Buffer', data: [1] },
      api_key: 'x3',
      token: '',
      n: 0,
    });
    expect(JSON.parse(redactLine(`${line}\n`))).toEqual({
      a: {
        b: [{ Password: '[redacted]', passwordFile: '/run/p' }],
        headers: { authorization: '[redacted]' },
      },
      saslPassword: '[redacted]',
      clientSecret: '[redacted]',
      api_key: '[redacted]',
      token: '',
      n: 0,
    });
  });

  test('when it holds anything that JSON can, then one line of JSON comes back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const line = redactLine(`${JSON.stringify(value)}\n`);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(() => JSON.parse(line) as unknown).not.toThrow();
      }),
    );
  });

  test('when it is no JSON, then it is treated as text', () => {
    expect(redactLine('plain http://a:b@c\n')).toBe('plain http://[redacted]@c\n');
  });
});
