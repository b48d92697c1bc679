import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { formatFaults } from '../config/fault.ts';
import { formatDuration } from '../config/setting/units.ts';
import type { TailOptions } from '../config/tail-options.ts';
import { kafkaSinkOptions } from '../sinks/kafka/kafka-destination.ts';
import { followTopic, type FollowFrom } from '../kafka/follow-topic.ts';
import { createTailFilter } from '../tail/tail-filter.ts';
import { createTailView } from '../tail/tail-view.ts';
import { abortable } from '../platform/abortable.ts';
import { systemClock } from '../platform/clock.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import { EXIT_BAD_CONFIGURATION, EXIT_FAILED, EXIT_OK, isColourful, stopSignal } from './terminal.ts';

/** How wide a table is where no terminal says it. */
const COLUMNS_IN_A_FILE = 80;

/**
 * Reads the topic back onto standard output until this process is asked to stop, or the reader of standard output has
 * left, which are both a good end; resolves with the exit code.
 */
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
  const isTerminal = stdout.isTTY;
  const { topic } = configuration.kafka;
  const { families, clusters, groups, topics } = options;
  const wantsAll = [families, clusters, groups, topics].every((list) => list.length === 0);
  const view = createTailView(
    {
      isWanted: wantsAll ? null : createTailFilter(options),
      columns: () => (isTerminal ? stdout.columns : COLUMNS_IN_A_FILE),
    },
    {
      output: options.output ?? (isTerminal ? 'table' : 'lines'),
      isTerminal,
      isColourful: isColourful(),
    },
  );
  const readerLeft = new AbortController();
  // Stays for good: an error that nobody listens to would end the process with a stack trace.
  stdout.on('error', () => readerLeft.abort());
  const ended = AbortSignal.any([stopSignal(signals), readerLeft.signal]);
  if (isTerminal) stderr.write(`Reading ${topic} ${describe(options.from)}; Ctrl-C ends.\n`);
  try {
    await followTopic(
      {
        clock: systemClock,
        log,
        async take(messages) {
          const text = messages.map((message) => view.show(message)).join('');
          if (text === '' || ended.aborted) return;
          // A slow reader slows the reading down.
          if (!stdout.write(text)) await abortable(drained(stdout), ended).catch(() => undefined);
        },
      },
      kafkaSinkOptions(configuration),
      toFollowFrom(options.from, systemClock.nowMs()),
      ended,
    );
  } catch (error) {
    if (!hasCode(error, 'KAFKA_TOPIC_UNREADABLE')) throw error;
    stderr.write(`burrow-rainbow: ${error.message}\n`);
    return EXIT_FAILED;
  }
  const unreadable = view.unreadable();
  if (unreadable > 0 && !readerLeft.signal.aborted) {
    stderr.write(`Lines that are of no known format: ${unreadable}\n`);
  }
  return EXIT_OK;
}

function toFollowFrom(from: TailOptions['from'], nowMs: number): FollowFrom {
  return from.kind === 'since' ? { kind: 'time', timeMs: nowMs - from.agoMs } : from;
}

function describe(from: TailOptions['from']): string {
  switch (from.kind) {
    case 'end':
      return 'from its end on';
    case 'beginning':
      return 'from its beginning';
    case 'since':
      return `from ${formatDuration(from.agoMs)} ago on`;
  }
}

function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}
