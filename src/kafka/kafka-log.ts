import type { LogEntry } from 'kafkajs';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.ts';
import { restoreAddresses, showKafkajsBroker } from './broker-address.ts';

/** The only facts taken over from kafkajs: its others may be buffers, stacks or what a broker was told. */
const facts = ['broker', 'clientId', 'error', 'retryCount', 'code', 'topic', 'partition'];
const repeatMs = 60_000;
const rememberedTexts = 100;

/**
 * Brings kafkajs's log to ours. It reports each attempt that failed as an error or a warning, those too that the next
 * attempt cures; the sink tells in its own words what does not pass. So here all is `debug`, and a text comes once a
 * minute with the number of times that it was left out.
 */
export function createKafkaLog(deps: { readonly clock: Clock; readonly log: Logger }) {
  const said = new Map<string, { atMs: number; repeated: number }>();
  return () =>
    ({ namespace, log: { message, ...extra } }: LogEntry): void => {
      const text = restoreAddresses(`${namespace}: ${message}`);
      const nowMs = deps.clock.nowMs();
      const before = said.get(text);
      if (before !== undefined && nowMs - before.atMs < repeatMs) {
        before.repeated += 1;
        return;
      }
      if (said.size >= rememberedTexts) said.clear();
      said.set(text, { atMs: nowMs, repeated: 0 });
      const known = Object.fromEntries(
        facts.flatMap((name) => (name in extra ? [[name, restored(name, extra[name])]] : [])),
      );
      const entry = { ...known, detail: text, repeated: before?.repeated ?? 0 };
      deps.log.debug(entry, 'kafkajs says');
    };
}

function restored(name: string, fact: unknown): unknown {
  if (typeof fact !== 'string') return fact;
  return name === 'broker' ? showKafkajsBroker(fact) : restoreAddresses(fact);
}
