import type { Logger } from 'pino';
import { abortable } from '../../platform/abortable.ts';
import type { Clock } from '../../platform/clock.ts';
import type { KafkaFinding } from '../../kafka/check-kafka.ts';
import { createKafkaClient } from '../../kafka/kafka-client.ts';
import { explainKafkaError } from '../../kafka/faults/kafka-fault.ts';
import type { KafkaConnectionOptions } from '../../kafka/kafka-options.ts';
import { adviseOnLedgerTopic, wouldCreateLedgerTopic, type LedgerTopicNames } from './ledger-topic.ts';

/** Looks at the ledger's topic and changes nothing. Never rejects. */
export async function checkLedgerTopic(
  deps: { readonly clock: Clock; readonly log: Logger },
  options: KafkaConnectionOptions & LedgerTopicNames,
  signal: AbortSignal,
): Promise<KafkaFinding> {
  const { topic, brokers } = options;
  const subject = `ledger topic ${topic}`;
  const admin = createKafkaClient(deps, options).admin();
  try {
    await abortable(admin.connect(), signal);
    if (await abortable(wouldCreateLedgerTopic(admin, options), signal))
      return { ok: true, subject, message: 'does not exist yet: it is created at the start' };
    const advice = await abortable(adviseOnLedgerTopic(admin, topic), signal);
    if (advice === null) return { ok: true, subject, message: 'exists' };
    const { text, isFault } = advice;
    return { ok: !isFault, subject, message: isFault ? text : `exists, but ${text}` };
  } catch (error) {
    const message = signal.aborted
      ? 'no answer in time'
      : explainKafkaError(error, { brokers, topic }).reason;
    return { ok: false, subject, message };
  } finally {
    admin.disconnect().catch(() => undefined);
  }
}
