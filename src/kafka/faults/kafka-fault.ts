// Its error classes are not among the names that Node finds in this CommonJS package.
import kafkajs from 'kafkajs';
import { RainbowError, type ErrorCode } from '../../platform/rainbow-error.ts';
import { restoreAddresses, showKafkajsBroker } from '../connection/broker-address.ts';
import { actionOfType, typeOfUnknown, type KafkaAction } from './protocol-errors.ts';
import { byCode, byType } from './fault-reasons.ts';
import type { KafkaFaultCause, KafkaFaultContext } from './fault-reasons.ts';

export type { KafkaFaultContext } from './fault-reasons.ts';

/** What went wrong at the brokers, and what that means for the delivery. */
export interface KafkaFault {
  readonly action: KafkaAction;
  readonly cause: KafkaFaultCause;
  /** Cause and remedy in plain English, without secrets. */
  readonly reason: string;
}

/** What our own errors mean, whose messages say cause and remedy. */
const ownErrors: Partial<Record<ErrorCode, Pick<KafkaFault, 'action' | 'cause'>>> = {
  LEDGER_TOPIC: { action: 'retry', cause: 'topic' },
  LEDGER_UNFINISHED: { action: 'retry', cause: 'topic' },
  KAFKA_TOKEN_ENDPOINT: { action: 'retry', cause: 'credentials' },
  KAFKA_TOKEN_REFUSED: { action: 'retry', cause: 'credentials' },
  KAFKA_PRODUCER_SPENT: { action: 'renew', cause: 'producer' },
};

function meaningOfOwn(error: Error): Pick<KafkaFault, 'action' | 'cause'> | undefined {
  return error instanceof RainbowError ? ownErrors[(error as RainbowError).code] : undefined;
}

/**
 * Classes of kafkajs without a code of their own. It exports them all, though Node finds their names only on the default
 * export, and its types lack some. One that another version does not have matches nothing.
 */
const {
  KafkaJSConnectionClosedError: ConnectionClosed,
  KafkaJSConnectionError: ConnectionFailed,
  KafkaJSGroupCoordinatorNotFound: CoordinatorNotFound,
  KafkaJSRequestTimeoutError: RequestTimedOut,
  KafkaJSSASLAuthenticationError: AuthenticationFailed,
} = kafkajs as unknown as Readonly<Record<string, ErrorClass | undefined>>;

type ErrorClass = abstract new (...args: never[]) => Error;

function isA(error: Error, errorClass: ErrorClass | undefined): boolean {
  return errorClass !== undefined && error instanceof errorClass;
}

/** Of a transaction: a newer producer with its id has begun, or the coordinator has given it up. */
const fenced = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_TXN_STATE']);

const untrusted = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)/;
const tlsTrouble = /ERR_SSL|TLS|certificate/i;

/** No answer, and the deadline is not over yet. */
export function silenceFault({
  brokers,
}: Pick<KafkaFaultContext, 'brokers'>): Pick<KafkaFault, 'reason' | 'cause'> {
  const reason = `the brokers let a request wait: check that ${brokers.join(', ')} are up, and the network`;
  return { cause: 'silent', reason };
}

/** A quota of the brokers. */
export function heldBackFault({
  clientId,
}: {
  readonly clientId: string;
}): Pick<KafkaFault, 'reason' | 'cause'> {
  const reason =
    'a quota of the brokers holds back each request by a second or more: ' +
    `raise the produce quota of client id ${clientId} or of its user, or set kafka.compression`;
  return { cause: 'throttled', reason };
}

const programmingErrors = [TypeError, ReferenceError, RangeError, SyntaxError];

/** Explains an error of kafkajs, looking through its wrappers to what a broker or the network said. */
export function explainKafkaError(error: unknown, context: KafkaFaultContext): KafkaFault {
  for (const link of causes(error)) {
    const fault = explainOne(link, context);
    if (fault !== null) return fault;
  }
  const innermost = causes(error).at(-1);
  const message = innermost?.message ?? String(error);
  // An error of kafkajs itself, such as a TypeError in its broker pool: its state cannot be relied upon.
  const internal = programmingErrors.some((errorClass) => innermost?.error instanceof errorClass);
  return {
    action: internal ? 'renew' : 'retry',
    cause: 'other',
    reason: `talking to Kafka failed: ${message}`,
  };
}

/** An error, and what kafkajs may say in it. */
interface Link {
  readonly error: Error;
  readonly message: string;
  readonly type: string;
  readonly code: string;
  /** `host:port` of the one broker that it is about. */
  readonly broker: string;
}

function explainOne(link: Link, context: KafkaFaultContext): KafkaFault | null {
  const { error, message, type, code } = link;
  const own = meaningOfOwn(error);
  if (own !== undefined) return { ...own, reason: message };
  const action = actionOfType(type);
  const { transactionalId } = context;
  if (transactionalId !== undefined && fenced.has(type)) {
    const reason =
      `another producer has taken over transactional id ${transactionalId}, or a transaction took too long: ` +
      'give each sidecar a kafka.clientId or series.source of its own';
    return { action: 'renew', cause: 'producer', reason };
  }
  const known = byType[type] ?? byCode[code];
  if (known !== undefined) {
    return { action: action ?? 'retry', cause: known[0], reason: known[1](context) };
  }
  if (action === 'renew') {
    const reason = `the brokers no longer know this producer (${type}); it starts anew`;
    return { action, cause: 'producer', reason };
  }
  if (action !== undefined) {
    return { action, cause: 'other', reason: `talking to Kafka failed: ${message} (${type})` };
  }
  if (untrusted.test(code)) {
    return retry(
      'certificate',
      'the certificate of the brokers is not trusted: set kafka.tls.caFile to its authority',
    );
  }
  if (isA(error, AuthenticationFailed)) {
    return retry(
      'credentials',
      /mechanism is not supported/.test(message)
        ? 'the brokers do not offer this mechanism: check kafka.sasl.mechanism'
        : 'the brokers refused the credentials: check kafka.sasl',
    );
  }
  if (isA(error, CoordinatorNotFound)) {
    const reason = 'the brokers have no transaction coordinator yet: it takes a moment in a new cluster';
    return retry('replicas', reason);
  }
  return explainSilence(link, context.brokers);
}

/** No connection, or no answer on it. */
function explainSilence(
  { error, message, code, broker }: Link,
  brokers: readonly string[],
): KafkaFault | null {
  const servers = brokers.join(', ');
  if (isA(error, RequestTimedOut)) {
    const who = broker === '' ? 'a broker' : `broker ${broker}`;
    return retry('silent', `${who} did not answer in time: check ${servers}`);
  }
  if (isA(error, ConnectionClosed)) {
    return retry(
      'unreachable',
      `a broker closed the connection: check that ${servers} is up, and kafka.tls and kafka.sasl fit its listener`,
    );
  }
  if (!isA(error, ConnectionFailed)) return null;
  if (tlsTrouble.test(message)) {
    const reason = `the TLS handshake with ${servers} failed: check kafka.tls and the listener in kafka.brokers`;
    return retry('certificate', reason);
  }
  return retry(
    'unreachable',
    broker !== '' && (brokers.length > 1 || brokers[0] !== broker)
      ? `broker ${broker} cannot be reached (${code || 'no answer'}): bring it back, or check kafka.brokers and the network`
      : `no broker can be reached at ${servers} (${code || 'no answer'}): check kafka.brokers and the network`,
  );
}

function retry(cause: KafkaFaultCause, reason: string): KafkaFault {
  return { action: 'retry', cause, reason };
}

function causes(thrown: unknown): Link[] {
  const chain: Link[] = [];
  for (let error = thrown; error instanceof Error && chain.length < 10; error = error.cause) {
    const { type, code, broker } = error as Partial<Record<'type' | 'code' | 'broker', unknown>>;
    chain.push({
      error,
      message: restoreAddresses(error.message),
      type: typeOfUnknown(error.message) ?? (typeof type === 'string' ? type : ''),
      code: typeof code === 'string' ? code : '',
      broker: typeof broker === 'string' ? showKafkajsBroker(broker) : '',
    });
  }
  return chain;
}

/** Whether a broker's error type is among what an error was caused by. */
export function hasErrorType(error: unknown, type: string): boolean {
  return causes(error).some((link) => link.type === type);
}
