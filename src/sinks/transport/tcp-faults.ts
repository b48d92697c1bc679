import { hasCode } from '../../platform/rainbow-error.ts';

/** The kinds of faults that are counted. */
export const TCP_FAULT_CAUSES = [
  /** No connection. */
  'unreachable',
  /** Nothing is taken, or no connection is made, in time. */
  'silent',
  /** The other side has ended the connection. */
  'closed',
  /** TLS. */
  'certificate',
  'other',
] as const;

type TcpFaultCause = (typeof TCP_FAULT_CAUSES)[number];

/** What the reasons of faults name. */
export interface TcpReader {
  /** What is at the other end, as part of a sentence: `the Wavefront proxy`. */
  readonly reader: string;
  /** Its section of the configuration. */
  readonly section: string;
  /** `host:port`. */
  readonly address: string;
}

/** What happened to a connection, to what, and what to do about it. */
export function explainTcpFault(
  error: unknown,
  { reader, section, address }: TcpReader,
): { readonly cause: TcpFaultCause; readonly reason: string } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'ECONNREFUSED':
      return {
        cause: 'unreachable',
        reason: `nothing listens at ${address}: start ${reader}, or correct ${section}.address`,
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        cause: 'unreachable',
        reason: `the host name in ${address} is not known: correct ${section}.address, or check the name servers`,
      };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return {
        cause: 'unreachable',
        reason: `${address} cannot be reached (${code}): check ${section}.address, the network and its firewalls`,
      };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'TCP_CLOSED':
      return {
        cause: 'closed',
        reason: `${reader} at ${address} has closed the connection: see its log for the reason`,
      };
  }
  if (hasCode(error, 'TCP_SILENT')) {
    return { cause: 'silent', reason: `${reader} at ${address} ${error.message}` };
  }
  if (/CERT|SSL|TLS|SIGNATURE/.test(code)) {
    return {
      cause: 'certificate',
      reason: `TLS with ${reader} at ${address} has failed (${code}): check ${section}.tls and the certificate there`,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { cause: 'other', reason: `${reader} at ${address} takes nothing: ${message}` };
}
