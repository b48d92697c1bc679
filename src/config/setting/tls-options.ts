import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { TlsClient, TlsFiles } from './resolve-tls.ts';

/** What `tls.connect` wants to speak to a server as it is configured. Reads the files. */
export function tlsClientOptions({ serverName, verifyHostname, ...files }: TlsClient): ConnectionOptions {
  return {
    ...readTlsFiles(files),
    ...(serverName !== undefined && { servername: serverName }),
    ...(!verifyHostname && { checkServerIdentity: () => undefined }),
  };
}

/** The contents of the files that are set, and what decrypts the key. */
export function readTlsFiles({ caFile, certFile, keyFile, keyPassphrase }: TlsFiles) {
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
    ...(keyPassphrase !== undefined && { passphrase: keyPassphrase }),
  };
}
