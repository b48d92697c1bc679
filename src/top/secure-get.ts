import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import type { ConnectionOptions } from 'node:tls';

/** For a sidecar whose certificate no authority that Node knows has signed. PEM contents. */
export interface TopTls {
  /** Authorities to trust instead of Node's. */
  readonly ca?: string;
  /** Only this certificate is trusted, whatever name and authority are in it. */
  readonly pinned?: string;
  /** For a sidecar that needs a client certificate. */
  readonly cert?: string;
  readonly key?: string;
}

/** The parts of fetch's answer that are used here. */
export interface Answer {
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
}

/** One GET over TLS; rejects with the error of the connection, or with the signal's reason. */
export function secureGet(
  url: string,
  tls: TopTls,
  { headers, signal }: { readonly headers: Record<string, string>; readonly signal: AbortSignal },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject((signal.aborted ? signal.reason : error) as Error);
    request(url, { headers, signal, ...connectionOptions(tls) }, (response) => {
      const chunks: Buffer[] = [];
      response
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('error', fail)
        .on('end', () => {
          const { statusCode: status = 0 } = response;
          const json = (): Promise<unknown> =>
            Promise.resolve(Buffer.concat(chunks).toString('utf8')).then(
              (text) => JSON.parse(text) as unknown,
            );
          resolve({ ok: status >= 200 && status < 300, status, json });
        });
    })
      .on('error', fail)
      .end();
  });
}

function connectionOptions({ ca, pinned, cert, key }: TopTls): ConnectionOptions {
  const own = { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
  if (pinned === undefined || ca !== undefined) return { ...own, ...(ca !== undefined && { ca }) };
  const { fingerprint256 } = new X509Certificate(pinned);
  return {
    ...own,
    ca: pinned,
    // An authority may have signed it; that one need not be known here.
    allowPartialTrustChain: true,
    checkServerIdentity: (_host, shown) =>
      shown.fingerprint256 === fingerprint256
        ? undefined
        : Object.assign(new Error('another certificate'), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' }),
  };
}
