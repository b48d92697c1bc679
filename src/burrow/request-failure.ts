import { errors } from 'undici';
import type { Outcome } from './outcome.ts';

/** What the reason of a failure names: the sizes and times that were in force. */
export interface RequestBounds {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

/**
 * What a request that broke off means. Goes by error codes, since messages may be long and full of pointers; the
 * message is shown only where there is no code. Neither ever holds headers or credentials. Never throws.
 */
export function judgeFailure(error: unknown, bounds: RequestBounds): Outcome<never> {
  const code = codeOf(error);
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return deadlinePassed(bounds);
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'ETIMEDOUT':
      return unreachable('no connection in time');
    case 'ECONNREFUSED':
      return unreachable('connection refused: is Burrow running, and the port right?');
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return unreachable(`the host name could not be resolved (${code})`);
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return unreachable('the connection was lost before the answer was complete');
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_CLOSED':
      return unreachable('this client has been closed');
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return unreachable('TLS failed: is it https that this port speaks?');
    case 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return unreachable('the server refused the TLS handshake: does it want tls.certFile and tls.keyFile?');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return unreachable(
        'the certificate of the server is for another host name than that in its URL: set tls.serverName',
      );
    case 'CERT_HAS_EXPIRED':
      return unreachable('the certificate of the server has expired');
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return unreachable(
        `the certificate is not trusted: give the server's authority as tls.caFile (${code})`,
      );
    case 'UND_ERR_RES_EXCEEDED_MAX_SIZE':
      return { kind: 'invalid', reason: `the answer is larger than ${bounds.maxAnswerBytes} bytes` };
    case 'UND_ERR_HEADERS_OVERFLOW':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return { kind: 'invalid', reason: `the answer breaks the rules of HTTP (${code})` };
  }
  if (error instanceof errors.HTTPParserError) {
    return { kind: 'invalid', reason: 'the answer is not HTTP: is it http that this port speaks?' };
  }
  return unreachable(code === '' ? messageOf(error) : `the request failed (${code})`);
}

/** The outcome of a request whose own deadline passed. */
export function deadlinePassed(bounds: RequestBounds): Outcome<never> {
  return unreachable(`no complete answer within ${bounds.timeoutMs} ms`);
}

/** The outcome of a request whose caller gave up. */
export function cancelled(): Outcome<never> {
  return unreachable('the request was cancelled');
}

function unreachable(reason: string): Outcome<never> {
  return { kind: 'unreachable', reason };
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : 'the request failed';
}
