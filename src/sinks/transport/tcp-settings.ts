import type { z } from 'zod';
import { address } from '../../config/setting/addresses.ts';
import type { Judge } from '../../config/setting/judge.ts';
import { resolveTlsSection, type TlsClient } from '../../config/setting/resolve-tls.ts';
import { duration, section, tlsSection } from '../../config/setting/setting.ts';

/** How to reach a reader over TCP. */
export interface TcpConfiguration {
  /** `host:port`. */
  readonly address: string;
  /** The longest wait for a connection, and for the reader to make room for more bytes. */
  readonly timeoutMs: number;
  /** Null: no TLS. */
  readonly tls: TlsClient | null;
}

/** The section of a destination over TCP. @param reader what is there, for the reference: `the Wavefront proxy` */
export function tcpSection(reader: string, defaultAddress: string) {
  return section({
    address: address({ default: defaultAddress, description: `Where ${reader} takes lines over TCP` }),
    timeout: duration({
      default: '30s',
      least: '1s',
      description: `How long ${reader} may take to answer, or to make room for records; then it is connected to again`,
    }),
    tls: tlsSection({ description: `Speak TLS to ${reader}` }),
  });
}

/** Complete; see `SinkSettings.resolve`. */
export function resolveTcp(
  judge: Judge,
  name: string,
  { address: at, timeout, tls }: z.output<ReturnType<typeof tcpSection>>,
): TcpConfiguration {
  return { address: at, timeoutMs: timeout, tls: resolveTlsSection(judge, [name, 'tls'], tls) };
}
