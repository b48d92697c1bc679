import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { formatFaults } from '../config/fault.ts';
import type { TailOptions } from '../config/tail-options.ts';
import { systemClock } from '../platform/clock.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_OK } from './exit-codes.ts';
import { runTail } from './run-tail.ts';
import { isColourful, stopSignal } from './terminal.ts';

/** Reads the topic back onto standard output; resolves with the exit code. */
export async function tail(
  configuration: Configuration,
  log: Logger,
  options: TailOptions,
  signals: ProcessSignals,
): Promise<number> {
  if (configuration.kafka.brokers.length === 0) {
    const rule = 'must list at least one broker for tail';
    const hint = 'set kafka.brokers or RAINBOW_KAFKA_BROKERS, or give --brokers';
    process.stderr.write(formatFaults([{ path: 'kafka.brokers', rule, source: 'configuration', hint }]));
    return EXIT_BAD_CONFIGURATION;
  }
  const { stdout, stderr } = process;
  const endedWell = await runTail(
    configuration,
    { clock: systemClock, log, stdout, stderr },
    { ...options, isTerminal: stdout.isTTY, isColourful: isColourful() },
    stopSignal(signals),
  );
  return endedWell ? EXIT_OK : EXIT_FAILED;
}
