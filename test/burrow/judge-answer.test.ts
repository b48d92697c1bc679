import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeAnswer } from '../../src/burrow/judge-answer.ts';
import { decodeNames } from '../../src/burrow/decode-lists.ts';
import { decodeGroupLag } from '../../src/burrow/decode-group-lag.ts';
import { lagAnswer, UNKNOWN_GROUP, UNKNOWN_NAME, UNKNOWN_PATH } from './burrow-bodies.ts';

const judge = (status: number, body: unknown) =>
  judgeAnswer(status, typeof body === 'string' ? body : JSON.stringify(body), (answer) =>
    decodeNames(answer, 'clusters'),
  );

describe('given HTTP 404', () => {
  test('when the body says NOTFOUND with error: false, then the group is not found', () => {
    expect(judge(404, UNKNOWN_GROUP)).toEqual({ kind: 'notFound' });
  });

  test('when the body says error: true for a request, then the name is not found', () => {
    expect(judge(404, UNKNOWN_NAME)).toEqual({ kind: 'notFound' });
  });

  test.each<[string, unknown]>([
    ["Burrow's own for an unknown path", UNKNOWN_PATH],
    ["a web server's page", '<html>404</html>'],
    ['empty', ''],
    ['JSON of something else', { error: 'Not Found', status: 404 }],
    ['an OK group', lagAnswer()],
    ['a list', []],
  ])('when the body is %s, then the base URL is at fault and nothing is taken for dead', (_what, body) => {
    expect(judge(404, body)).toEqual({
      kind: 'invalid',
      reason:
        'HTTP 404 for a path that every Burrow has: check that the URL of this server leads to Burrow and ends before /v3',
    });
  });
});

describe('given HTTP 200', () => {
  test('when the body says error: true, then it is invalid, with what Burrow said', () => {
    expect(judge(200, { error: true, message: 'a "bad"\nday', clusters: [] })).toEqual({
      kind: 'invalid',
      reason: 'Burrow answered HTTP 200 with error: true, saying "a \\"bad\\"\\nday"',
    });
  });

  test('when the group is NOTFOUND all the same, then it is not found, never a lag of 0', () => {
    const outcome = judgeAnswer(200, JSON.stringify(UNKNOWN_GROUP), (answer) =>
      decodeGroupLag(answer, 'prod', 'billing'),
    );
    expect(outcome).toEqual({ kind: 'notFound' });
  });

  test.each<[string, string, string]>([
    ['a page', '<html>', 'the answer is not whole JSON'],
    ['empty', '', 'the answer is not whole JSON'],
    ['cut off', '{"error":false,"clusters":["a"', 'the answer is not whole JSON'],
    ['null', 'null', 'the answer is not an object'],
    ['a list', '[]', 'the answer is not an object'],
    ['without error', '{"clusters":[]}', 'error is not true or false'],
    ['with another error', '{"error":"false","clusters":[]}', 'error is not true or false'],
    ['without its list', '{"error":false}', 'clusters is not a list'],
  ])('when the body is %s, then it is invalid and says where', (_what, body, reason) => {
    expect(judge(200, body)).toEqual({
      kind: 'invalid',
      reason: `Burrow's answer breaks its contract: ${reason}`,
    });
  });
});

describe('given another HTTP status', () => {
  test.each([500, 502, 503, 504, 408, 429])('when it is %i, then trying again may help', (status) => {
    const outcome = judge(status, '{"error":true,"message":"could not encode JSON","result":{}}');
    expect(outcome).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining(`HTTP ${status}`) as string,
    });
  });

  test.each([301, 302, 307, 400, 401, 403, 405, 418, 204])(
    'when it is %i, then it is invalid and says so',
    (status) => {
      const outcome = judge(status, { error: false, clusters: [] });
      expect(outcome).toMatchObject({
        kind: 'invalid',
        reason: expect.stringContaining(`HTTP ${status}`) as string,
      });
    },
  );
});

test('given any status and any JSON, when it is judged, then nothing throws and no reason is empty', () => {
  const bodies = fc.oneof(
    fc.string(),
    fc.json(),
    fc.record({ error: fc.boolean(), status: fc.jsonValue() }).map((body) => JSON.stringify(body)),
    fc.jsonValue().map((value) => JSON.stringify(lagAnswer([value]))),
  );
  fc.assert(
    fc.property(fc.constantFrom(200, 404, 500, 302), bodies, (status, body) => {
      const outcome = judgeAnswer(status, body, (answer) => decodeGroupLag(answer, 'prod', 'billing'));
      if ('reason' in outcome) expect(outcome.reason).not.toBe('');
    }),
  );
});
