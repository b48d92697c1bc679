import type { Clock, Scheduler } from '../../platform/clock.ts';
import type { HealthInputs } from '../health-inputs.ts';
import type { DatedHealth } from '../health-since.ts';
import type { ApiSource } from './api-source.ts';
import type { EventData, EventKind } from './contract/events.ts';
import { toRow } from './group-rows.ts';
import { describeHealth } from './overview-page.ts';
import { ReplayBuffer } from './replay-buffer.ts';
import { describeMinute, describeOutbox } from './traffic-page.ts';

/** One reader. Nothing here may throw. */
export interface EventStream {
  write(bytes: Buffer): void;
  /** Bytes that were written and that the reader has not taken yet. */
  waitingBytes(): number;
  /** Ends the stream as it should be. */
  end(): void;
  /** Breaks it off. */
  cut(): void;
}

export interface EventHubDeps {
  readonly source: ApiSource;
  readonly health: () => HealthInputs;
  readonly judge: () => DatedHealth;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/** Durations in milliseconds. */
export interface EventHubOptions {
  /** Streams at the same time. Default 100. */
  readonly mostStreams?: number;
  /** How often changes are gathered. Default 1 s. */
  readonly tickMs?: number;
  /** Default 15 s. */
  readonly heartbeatMs?: number;
  /** How often the health is looked at. Default 5 s. */
  readonly healthMs?: number;
  /** How long events are kept after the last reader has left, in case it returns. Default 5 min. */
  readonly lingerMs?: number;
  /** Events that are kept for readers that return. Default 2 MB. */
  readonly replayBytes?: number;
  /** A reader with more than this still to take is cut. Default 4 MB, more than a whole replay. */
  readonly mostWaitingBytes?: number;
}

/** Sends changes to all readers. Does nothing once there has been no reader for some minutes. */
export interface EventHub {
  /**
   * @param lastId the id of the last event that the reader has seen; null: none
   * @returns false where there are as many streams as there may be, or after `close`
   */
  join(stream: EventStream, lastId: number | null): boolean;
  leave(stream: EventStream): void;
  /** Whether `join` would be turned down. */
  readonly isFull: boolean;
  /** Ends every stream and takes no more. */
  close(): void;
}

/** Ids begin with the time, so that they grow from one life of the process to the next. */
const IDS_PER_MS = 1000;

/** See {@link EventHub}. */
export function createEventHub(deps: EventHubDeps, options: EventHubOptions = {}): EventHub {
  const { source, clock, scheduler } = deps;
  const { mostStreams = 100, tickMs = 1000, heartbeatMs = 15_000, healthMs = 5000 } = options;
  const { lingerMs = 300_000, replayBytes = 2_000_000, mostWaitingBytes = 4_000_000 } = options;
  const streams = new Set<EventStream>();
  let lastId = clock.nowMs() * IDS_PER_MS;
  const replay = new ReplayBuffer(replayBytes, lastId);
  let isClosed = false;
  let cancel: (() => void) | null = null;
  let groupsVersion = 0;
  let minuteNumber = 0;
  let healthShown = '';
  let nextHealthMs = 0;
  let nextHeartbeatMs = 0;
  let emptySinceMs = 0;

  function wire<K extends EventKind>(kind: K, data: EventData[K]): Buffer {
    lastId += 1;
    return Buffer.from(`id: ${lastId}\nevent: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  function tell<K extends EventKind>(kind: K, data: EventData[K]): void {
    const bytes = wire(kind, data);
    replay.add({ id: lastId, bytes });
    for (const stream of [...streams]) send(stream, bytes);
  }

  function send(stream: EventStream, bytes: Buffer): void {
    stream.write(bytes);
    if (stream.waitingBytes() <= mostWaitingBytes) return;
    streams.delete(stream);
    stream.cut();
  }

  function begin(): void {
    const nowMs = clock.nowMs();
    groupsVersion = source.groups.version;
    minuteNumber = source.minutes().at(-1)?.number ?? 0;
    healthShown = shown(deps.judge());
    nextHealthMs = nowMs + healthMs;
    nextHeartbeatMs = nowMs + heartbeatMs;
    // What happened before is in no event: even a reader that has seen the last event has missed it.
    lastId += 1;
    replay.clear(lastId);
    arm();
  }

  function arm(): void {
    cancel = scheduler.after(tickMs, () => {
      cancel = null;
      const nowMs = clock.nowMs();
      if (streams.size === 0 && nowMs - emptySinceMs >= lingerMs) return;
      tick(nowMs);
      arm();
    });
  }

  function tick(nowMs: number): void {
    tellGroups(nowMs);
    for (const minute of source.minutes()) {
      if (minute.number <= minuteNumber) continue;
      minuteNumber = minute.number;
      tell('traffic', { minute: describeMinute(minute), outbox: describeOutbox(source, deps.health()) });
    }
    if (nowMs >= nextHealthMs) {
      nextHealthMs = nowMs + healthMs;
      const health = deps.judge();
      const toShow = shown(health);
      if (toShow !== healthShown) tell('health', describeHealth(health));
      healthShown = toShow;
    }
    if (nowMs >= nextHeartbeatMs) {
      nextHeartbeatMs = nowMs + heartbeatMs;
      for (const stream of [...streams]) send(stream, HEARTBEAT);
    }
  }

  function tellGroups(nowMs: number): void {
    const since = groupsVersion;
    if (source.groups.version === since) return;
    groupsVersion = source.groups.version;
    const gone = source.groups.goneSince(since);
    if (gone === null) {
      replay.clear(lastId);
      tell('reset', { reason: 'expired', nowMs });
      return;
    }
    const rows = [];
    for (const entry of source.groups.values()) if (entry.version > since) rows.push(toRow(entry));
    tell('groups', { nowMs, rows, gone: gone.map(({ cluster, group }) => [cluster, group]) });
  }

  return {
    get isFull() {
      return isClosed || streams.size >= mostStreams;
    },
    join(stream, lastSeenId) {
      if (isClosed || streams.size >= mostStreams) return false;
      if (cancel === null) begin();
      streams.add(stream);
      const missed = lastSeenId === null || lastSeenId > lastId ? null : replay.after(lastSeenId);
      if (missed === null) {
        const reason = lastSeenId === null ? 'fresh' : 'expired';
        send(stream, wire('reset', { reason, nowMs: clock.nowMs() }));
      } else {
        for (const { bytes } of missed) if (streams.has(stream)) send(stream, bytes);
      }
      return true;
    },
    leave(stream) {
      if (!streams.delete(stream)) return;
      if (streams.size === 0) emptySinceMs = clock.nowMs();
    },
    close() {
      isClosed = true;
      cancel?.();
      cancel = null;
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}

const HEARTBEAT = Buffer.from(':\n\n');

/** What counts as a change of health; the figures in a reason grow by themselves. */
function shown({ status, sinceMs, phase, parts }: DatedHealth): string {
  return JSON.stringify([
    status,
    sinceMs,
    phase,
    parts.map((part) => [part.name, part.status, part.sinceMs, part.reason?.replace(/\d+/g, '#')]),
  ]);
}
