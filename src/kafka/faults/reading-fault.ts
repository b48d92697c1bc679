import { explainKafkaError, hasErrorType, type KafkaFault } from './kafka-fault.ts';

/** Explains why a topic cannot be read: a reader needs other rights than the sink. */
export function explainReading(
  error: unknown,
  context: {
    readonly brokers: readonly string[];
    readonly topic: string;
    /** What the names of the reader's consumer groups begin with; absent: it needs none. */
    readonly groupPrefix?: string;
  },
): Pick<KafkaFault, 'cause' | 'reason'> {
  if (hasErrorType(error, 'TOPIC_AUTHORIZATION_FAILED')) {
    const reason = `reading topic ${context.topic} is not allowed: grant this user Read and Describe on it`;
    return { cause: 'forbidden', reason };
  }
  if (context.groupPrefix !== undefined && hasErrorType(error, 'GROUP_AUTHORIZATION_FAILED')) {
    const reason = `reading in a group is not allowed: grant this user Read and Delete on groups that begin with ${context.groupPrefix}`;
    return { cause: 'forbidden', reason };
  }
  return explainKafkaError(error, context);
}
