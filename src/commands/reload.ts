import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { describeFault } from '../config/fault.ts';
import type { LoadedConfiguration, LoadResult } from '../config/load-configuration.ts';
import { changesBetween } from '../config/setting-values.ts';

export interface ReloadDeps {
  /** Reads everything again, as at the start. */
  readonly load: () => LoadResult;
  /** Makes a configuration count; throws, before it has changed anything, where one of its values cannot be used. */
  readonly apply: (configuration: Configuration) => void;
  readonly log: Logger;
}

/**
 * What to do upon SIGHUP. It is all or nothing: a configuration with a fault, or with a change that needs a restart,
 * changes nothing, and the log says why. Otherwise the log says what has changed, without any secret.
 */
export function createReload(deps: ReloadDeps, started: LoadedConfiguration): () => void {
  const { log } = deps;
  let current = started;

  return () => {
    const loaded = deps.load();
    if (loaded.kind === 'faults') {
      log.error(
        { faults: loaded.faults.map(describeFault) },
        'The configuration was not reloaded: it has faults; nothing has changed',
      );
      return;
    }
    if (loaded.file === null) {
      const facts = { file: current.file };
      log.error(facts, 'The configuration was not reloaded: its file is not there; nothing has changed');
      return;
    }
    const changes = changesBetween(current.values, loaded.values);
    const keys = changes.filter(({ needsRestart }) => needsRestart).map(({ path }) => path);
    if (keys.length > 0) {
      log.error(
        { keys },
        'The configuration was not reloaded: a change of these keys needs a restart; nothing has changed',
      );
      return;
    }
    if (changes.length === 0) {
      log.info('The configuration was read again: nothing has changed');
      return;
    }
    try {
      deps.apply(loaded.configuration);
    } catch (error) {
      log.error({ err: error }, 'The configuration was not reloaded: it cannot be used; nothing has changed');
      return;
    }
    current = loaded;
    log.info(
      {
        changes: changes.map(({ path, from, to }) =>
          from === null && to === null ? path : `${path}: ${from ?? 'not set'} → ${to ?? 'not set'}`,
        ),
      },
      'The configuration was reloaded',
    );
  };
}
