import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from './answer.ts';
import { routeAt, type Route } from './route.ts';
import { hasClientCertificate } from './tls-server.ts';

export interface GuardOptions {
  /** The one that is wanted now. */
  readonly token: () => string | undefined;
  readonly maxBodyBytes: number;
  /** Whether clients must show a certificate, but where a route says otherwise. */
  readonly wantsCertificates: boolean;
}

/** See `AppDeps`. */
export interface TokenFaults {
  failed(key: 'token' | 'certificate', facts: object): void;
  recovered(key: 'token' | 'certificate'): void;
}

/** `application/json` and its kin; without a charset or with the only one that JSON has. */
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;\s*charset\s*=\s*"?utf-?8"?\s*)?$/i;

/** Refuses what no route should see: 400, 401, 403, 404, 405 and 415, all of them before a byte of the body is read. */
export function addGuards(
  app: FastifyInstance,
  routes: readonly Route[],
  faults: TokenFaults,
  options: GuardOptions,
): void {
  const isRightToken = createTokenCheck(options.token);
  const byPattern = new Map(routes.flatMap((route) => route.paths.map((path) => [path, route])));

  app.addHook('onRequest', (request, reply, done) => {
    const turnAway = (status: number, message: string): void => {
      // A refused body has to be read to its end before another request can come: only a small one is worth that.
      if (mayBeLarge(request.headers, options.maxBodyBytes)) void reply.header('connection', 'close');
      void refuse(reply, status, message);
    };
    if (!namesOneHost(request)) {
      turnAway(400, "a request of HTTP/1.1 must have one header 'Host'");
      return;
    }
    const route = byPattern.get(request.routeOptions.url ?? '');
    if (options.wantsCertificates && route?.needsCertificate !== false) {
      if (!hasClientCertificate(request.raw.socket)) {
        faults.failed('certificate', { from: clientOf(request) });
        turnAway(403, 'show a client certificate of an authority in http.tls.caFile');
        return;
      }
      faults.recovered('certificate');
    }
    if (route?.needsToken?.() !== false) {
      const isRight = isRightToken(request.headers.authorization);
      if (isRight === false) {
        faults.failed('token', { from: clientOf(request) });
        void reply.header('www-authenticate', 'Bearer');
        turnAway(401, "send 'Authorization: Bearer …' with the token of http.tokenFile");
        return;
      }
      if (isRight === true) faults.recovered('token');
    }
    if (request.is404) {
      const other = routeAt(routes, pathOf(request));
      if (other === undefined) {
        turnAway(404, 'there is nothing at this path');
      } else {
        const allow = other.methods.join(', ');
        void reply.header('allow', allow);
        turnAway(405, `this path takes ${allow}`);
      }
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD' && !isPlainJson(request.headers)) {
      turnAway(415, "send the body uncompressed, as 'Content-Type: application/json' in UTF-8");
      return;
    }
    done();
  });
}

/** Null where no token is wanted. */
function createTokenCheck(
  token: () => string | undefined,
): (authorization: string | undefined) => boolean | null {
  let known: { readonly token: string; readonly check: ReturnType<typeof createBearerCheck> } | null = null;
  return (authorization) => {
    const wanted = token();
    if (wanted === undefined) return null;
    if (known?.token !== wanted) known = { token: wanted, check: createBearerCheck(wanted) };
    return known.check(authorization);
  };
}

/**
 * Returns a check of an `Authorization` header against one token. It takes the same time whatever the header
 * is like, so that the token cannot be guessed piece by piece.
 */
export function createBearerCheck(token: string): (authorization: string | undefined) => boolean {
  const expected = digest(token);
  return (authorization) => {
    const given = /^bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
    return timingSafeEqual(digest(given ?? ''), expected) && given !== undefined;
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** A body without a type is given the benefit of the doubt. */
function isPlainJson(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  return (
    (headers['content-encoding'] ?? 'identity') === 'identity' &&
    (type === undefined || JSON_TYPE.test(type.trim()))
  );
}

/** Of an unknown length, or larger than any route takes. */
function mayBeLarge(headers: IncomingHttpHeaders, maxBodyBytes: number): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > maxBodyBytes;
}

/** Two hosts are for two servers on the way to tell apart, and to disagree about. Source: RFC 9112, section 3.2. */
function namesOneHost({ raw }: FastifyRequest): boolean {
  let hosts = 0;
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    if (raw.rawHeaders[index]?.toLowerCase() === 'host') hosts += 1;
  }
  return hosts === 1 || (hosts === 0 && raw.httpVersion !== '1.1');
}

/** The address of the client; that of IPv4 as such, though the socket is one of both families. */
export function clientOf({ ip }: FastifyRequest): string {
  return ip.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The path as the router compares it: without query and trailing slash. */
function pathOf(request: FastifyRequest): string {
  const path = request.url.split('?', 1)[0] ?? '';
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
