import type { Logger } from 'pino';
import type { Clock } from '../../platform/clock.ts';
import { createConditionTracker, type Condition, type FaultBook } from '../../platform/condition-tracker.ts';
import {
  explainKafkaError,
  silenceFault,
  type KafkaFault,
  type KafkaFaultContext,
} from '../../kafka/faults/kafka-fault.ts';

/** What a ledger in Kafka does, each of which may fail for itself. */
export type LedgerTask = 'connecting' | 'reading' | 'writing';

/** The condition of a ledger in Kafka: it is faulty for as long as one of its tasks fails. */
export interface LedgerConditionTracker {
  /** @param error absent: the brokers have not answered for long, or fail as they did before */
  failed(task: LedgerTask, error?: unknown): void;
  works(...tasks: readonly LedgerTask[]): void;
  current(): Condition;
}

/** @param deps.isLeftBehind whether records go on without the ledger */
export function createLedgerCondition(
  deps: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly faults?: FaultBook | undefined;
    readonly isLeftBehind: () => boolean;
  },
  context: KafkaFaultContext,
): LedgerConditionTracker {
  const tracker = createConditionTracker(deps, 'ledger of open spans');
  const failing = new Set<LedgerTask>();
  /** The latest; until there is one, that the brokers have not answered in time. */
  let fault: Pick<KafkaFault, 'reason' | 'cause'> = silenceFault(context);
  return {
    failed(task, error) {
      failing.add(task);
      if (error !== undefined) fault = explainKafkaError(error, context);
      const without = deps.isLeftBehind() ? ', and records go on without it' : '';
      tracker.faulty(
        `the ledger of open spans does not work${without}; after a crash, open series may lack their closing 0: ${fault.reason}`,
        fault.cause,
      );
    },
    works(...tasks) {
      if (tasks.filter((task) => failing.delete(task)).length > 0) tracker.succeeded();
      if (tasks.includes('writing')) fault = silenceFault(context);
      if (failing.size === 0) tracker.ok();
    },
    current: () => tracker.current(),
  };
}
