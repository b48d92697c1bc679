import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { formatFaults } from '../config/fault.ts';
import { formatDuration } from '../config/setting/units.ts';
import type { TailOptions } from '../config/tail-options.ts';
import { kafkaSinkOptions } from '../sinks/kafka/kafka-destination.ts';
import { createSilentBrokers } from '../kafka/connection/silent-brokers.ts';
import { followTopic, type FollowFrom } from '../kafka/follow-topic.ts';
import { createTailFilter } from '../tail/tail-filter.ts';
import { createTailNotices, LOOK_EVERY_MS } from '../tail/tail-notices.ts';
import { createTailView } from '../tail/tail-view.ts';
import { abortable } from '../platform/abortable.ts';
import { systemClock } from '../platform/clock.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import type { ProcessSignals } from '../platform/process-signals.ts';
import {
  EXIT_BAD_CONFIGURATION,
  EXIT_FAILED,
  EXIT_OK,
  isColourful,
  isUnicode,
  stopSignal,
} from './terminal.ts';

/** How wide a table is where no terminal says it. */
const COLUMNS_IN_A_FILE = 80;

const END_HINT =
  ' A sidecar writes at each poll, every 30 s by default; --since 10m shows what is there already.';
const BOUND_NOTE =
  'A 0 that is marked "bound" begins or ends its series: what would tell was written before the reading began.\n';

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
  const filter = describeFilter(options);
  const zone = options.isUtc ? 'UTC' : undefined;
  const output = options.output ?? (isTerminal ? 'table' : 'lines');
  const view = createTailView(
    {
      isWanted: filter === '' ? null : createTailFilter(options),
      columns: () => (isTerminal ? stdout.columns : COLUMNS_IN_A_FILE),
    },
    {
      output,
      isTerminal,
      isColourful: isColourful(),
      isUnicode: !isTerminal || isUnicode(),
      zone,
    },
  );
  const brokers = createSilentBrokers({ clock: systemClock });
  const from = describe(options.from);
  const notices = createTailNotices(
    {
      counts: () => view.counts(),
      silentBrokers: () => brokers.look(),
      hasAnswered: (broker, sinceMs) => brokers.hasAnswered(broker, sinceMs),
    },
    { topic, from, filter, zone, hint: options.from.kind === 'end' ? END_HINT : '' },
  );
  const readerLeft = new AbortController();
  // Stays for good: an error that nobody listens to would end the process with a stack trace.
  stdout.on('error', () => readerLeft.abort());
  const ended = AbortSignal.any([stopSignal(signals), readerLeft.signal]);
  if (isTerminal) stderr.write(`Reading ${topic} ${from}; Ctrl-C ends.\n`);
  if (isTerminal && output === 'table' && options.from.kind !== 'beginning') stderr.write(BOUND_NOTE);
  const looking = setInterval(() => stderr.write(notices.look(systemClock.nowMs())), LOOK_EVERY_MS);
  try {
    await followTopic(
      {
        clock: systemClock,
        log,
        onReading: () => notices.reading(systemClock.nowMs()),
        onSocket: (broker, socket) => brokers.watch(broker, socket),
        async take(messages) {
          const text = view.show(messages);
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
  } finally {
    clearInterval(looking);
  }
  const { unreadable } = view.counts();
  if (unreadable > 0 && !readerLeft.signal.aborted) {
    stderr.write(`Lines that are of no known format: ${unreadable}\n`);
  }
  return EXIT_OK;
}

function toFollowFrom(from: TailOptions['from'], nowMs: number): FollowFrom {
  return from.kind === 'since' ? { kind: 'time', timeMs: nowMs - from.agoMs } : from;
}

/** The flags that filter, as they are written; '' where there are none. */
function describeFilter({ families, clusters, groups, topics }: TailOptions): string {
  const flags = [
    ...(families.length === 0 ? [] : [`--family ${families.join(',')}`]),
    ...clusters.map((name) => `--cluster '${name}'`),
    ...groups.map((name) => `--group '${name}'`),
    ...topics.map((name) => `--topic '${name}'`),
  ];
  return flags.join(' ');
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
