import type { Finding } from '../../platform/finding.ts';
import type { CheckDeps, Destination, SinkDeps } from '../sink-kind.ts';
import { checkTcp, createTcpDestination } from '../transport/tcp-sink.ts';
import type { WavefrontConfiguration } from './wavefront-settings.ts';

/** A Wavefront proxy takes lines over TCP and answers nothing. Source: its documentation, port 2878. */
const PROXY = { reader: 'the Wavefront proxy', section: 'wavefront' };

/** See `SinkCode`. */
export function create(
  { wavefront }: WavefrontConfiguration,
  deps: SinkDeps,
): Destination<WavefrontConfiguration> {
  const { createSink, prepare } = createTcpDestination(deps, PROXY, wavefront);
  return { createSink, prepare: (next) => prepare(next.wavefront) };
}

/** See `SinkCode`. */
export async function* check(
  { wavefront }: WavefrontConfiguration,
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  yield await checkTcp(deps, PROXY, wavefront, signal);
}
