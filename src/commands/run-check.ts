import type { Configuration } from '../config/configuration.ts';
import { found, type Finding } from '../platform/finding.ts';
import type { CheckDeps } from '../sinks/sink-kind.ts';
import { SINK_KINDS } from '../sinks/sink-kinds.ts';
import { openLevelStore } from '../store/level-store.ts';
import { StoreFault } from '../store/store.ts';
import { checkBurrows } from './check-burrow.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkPort } from './check-port.ts';

/** Reaches everything that `run` would need, and changes nothing. Findings come as they are made. */
export async function* runCheck(
  configuration: Configuration,
  deps: CheckDeps,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  yield found('ok', 'configuration', 'is valid');
  yield* checkCertificates(configuration, deps.clock.nowMs());
  yield await checkPort(configuration.http);
  yield* checkBurrows(configuration, deps, signal);
  const { check } = await SINK_KINDS[configuration.sink.type].load();
  yield* check(configuration, deps, signal);
  const { path } = configuration.outbox.disk;
  if (path !== '') yield await checkStore(`outbox on disk ${path}`, path);
  const { path: ledger } = configuration.ledger;
  if (ledger !== '') yield await checkStore(`ledger ${ledger}`, ledger);
}

/** Whether a store can be opened; it is made where it is missing, as `run` would. */
async function checkStore(subject: string, path: string): Promise<Finding> {
  try {
    await (await openLevelStore(path)).close();
    return found('ok', subject, 'can be written to');
  } catch (error) {
    if (!(error instanceof StoreFault)) throw error;
    if (error.kind !== 'locked') return found('fail', subject, error.message);
    return found('ok', subject, 'is in use by a running process');
  }
}
