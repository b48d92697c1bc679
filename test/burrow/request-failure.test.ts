import { describe, expect, test } from 'vitest';
import { judgeFailure } from '../../src/burrow/request-failure.ts';

const BOUNDS = { timeoutMs: 1500, maxAnswerBytes: 4096 };

function failing(code: string, message = 'at 0x7f00:\nlong'): Error {
  return Object.assign(new Error(message), { code });
}

describe('given a request that broke off', () => {
  test.each([
    ['UND_ERR_HEADERS_TIMEOUT', 'unreachable', 'no complete answer within 1500 ms'],
    ['UND_ERR_BODY_TIMEOUT', 'unreachable', 'no complete answer within 1500 ms'],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable', 'no connection in time'],
    ['EAI_AGAIN', 'unreachable', 'the host name could not be resolved (EAI_AGAIN)'],
    ['CERT_HAS_EXPIRED', 'unreachable', 'the certificate of the server has expired'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'unreachable', 'tls.certFile'],
    ['UND_ERR_HEADERS_OVERFLOW', 'invalid', 'UND_ERR_HEADERS_OVERFLOW'],
    ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'invalid', 'larger than 4096 bytes'],
  ])('when the code is %s, then it is %s with a reason', (code, kind, reason) => {
    expect(judgeFailure(failing(code), BOUNDS)).toEqual({
      kind,
      reason: expect.stringContaining(reason) as string,
    });
  });

  test('when the code is a new one, then the reason is the code, not the message', () => {
    expect(judgeFailure(failing('ENEW'), BOUNDS)).toEqual({
      kind: 'unreachable',
      reason: 'the request failed (ENEW)',
    });
  });

  test.each<[unknown, string]>([
    [new Error('odd'), 'odd'],
    [new Error(''), 'the request failed'],
    ['a string', 'the request failed'],
    [undefined, 'the request failed'],
    [{ code: 7 }, 'the request failed'],
  ])('when there is no code, then there is a reason all the same', (error, reason) => {
    expect(judgeFailure(error, BOUNDS)).toEqual({ kind: 'unreachable', reason });
  });
});
