import type { Writable } from 'node:stream';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { formatDuration } from '../config/setting/duration.ts';
import type { TailOptions } from '../config/tail-options.ts';
import { kafkaSinkOptions } from '../sinks/kafka/kafka-destination.ts';
import { abortable } from '../platform/abortable.ts';
import type { Clock } from '../platform/clock.ts';
import { hasCode } from '../platform/rainbow-error.ts';
import { followTopic, type FollowFrom } from '../kafka/follow-topic.ts';
import { createTailFilter } from '../tail/tail-filter.ts';
import { createTailView } from '../tail/tail-view.ts';

export interface TailDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly stdout: Writable & { readonly columns?: number };
  readonly stderr: Writable;
}

export interface TailTerminal {
  /** Whether standard output is a terminal, and whether that shows colours. */
  readonly isTerminal: boolean;
  readonly isColourful: boolean;
}

/**
 * Reads the topic until the signal aborts or the reader of standard output has left, which are both a good end.
 * Resolves with whether it ended well; where it did not, standard error says why.
 */
export async function runTail(
  configuration: Configuration,
  deps: TailDeps,
  options: TailOptions & TailTerminal,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, stdout, stderr } = deps;
  const { topic } = configuration.kafka;
  const { families, clusters, groups, topics } = options;
  const wantsAll = [families, clusters, groups, topics].every((list) => list.length === 0);
  const view = createTailView(
    { isWanted: wantsAll ? null : createTailFilter(options), columns: () => stdout.columns ?? 80 },
    {
      output: options.output ?? (options.isTerminal ? 'table' : 'lines'),
      isTerminal: options.isTerminal,
      isColourful: options.isColourful,
    },
  );
  const readerLeft = new AbortController();
  // Stays for good: an error that nobody listens to would end the process with a stack trace.
  stdout.on('error', () => readerLeft.abort());
  const ended = AbortSignal.any([signal, readerLeft.signal]);
  if (options.isTerminal) stderr.write(`Reading ${topic} ${describe(options.from)}; Ctrl-C ends.\n`);
  try {
    await followTopic(
      {
        ...deps,
        async take(messages) {
          const text = messages.map((message) => view.show(message)).join('');
          if (text === '' || ended.aborted) return;
          // A slow reader slows the reading down.
          if (!stdout.write(text)) await abortable(drained(stdout), ended).catch(() => undefined);
        },
      },
      kafkaSinkOptions(configuration),
      toFollowFrom(options.from, clock.nowMs()),
      ended,
    );
  } catch (error) {
    if (!hasCode(error, 'KAFKA_TOPIC_UNREADABLE')) throw error;
    stderr.write(`burrow-rainbow: ${error.message}\n`);
    return false;
  }
  const unreadable = view.unreadable();
  if (unreadable > 0 && !readerLeft.signal.aborted) {
    stderr.write(`Lines that are of no known format: ${unreadable}\n`);
  }
  return true;
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
