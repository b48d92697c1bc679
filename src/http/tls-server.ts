import type { Server, ServerOptions } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { TLSSocket, type TlsOptions } from 'node:tls';

/** PEM contents of what the server shows. */
export interface HttpTls {
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  /** Where set, clients must have a certificate of one of these authorities, but for the health check. */
  readonly ca?: string | undefined;
}

const LEAST_VERSION = 'TLSv1.2';

/** For a server as `http` says, but over TLS. */
export function tlsServerOptions(
  tls: HttpTls,
  http: ServerOptions & { readonly headersTimeout: number },
): ServerOptions & TlsOptions {
  return {
    ...http,
    ...tls,
    minVersion: LEAST_VERSION,
    requestCert: tls.ca !== undefined,
    // A load balancer has no certificate and must be answered: each route decides for itself.
    rejectUnauthorized: false,
    // Else two minutes, before any other deadline runs.
    handshakeTimeout: http.headersTimeout,
  };
}

/** Has what is new shown from the next connection on; throws, and changes nothing, where it cannot be used. */
export function renewTls(server: Server | TlsServer, tls: HttpTls): void {
  // A server that was made without has no such method, and is not asked.
  if ('setSecureContext' in server) server.setSecureContext({ ...tls, minVersion: LEAST_VERSION });
}

/**
 * Whether the client showed a certificate of a trusted authority. A resumed session counts as authorized even where
 * nothing had been shown in the first one, so the certificate itself must be there.
 */
export function hasClientCertificate(socket: unknown): boolean {
  return socket instanceof TLSSocket && socket.authorized && socket.getPeerX509Certificate() !== undefined;
}
