/** The kinds of faults that are counted. */
export const KAFKA_FAULT_CAUSES = [
  /** No connection. */
  'unreachable',
  /** No answer in time. */
  'silent',
  /** A quota holds us up. */
  'throttled',
  /** The topic is missing, or its settings do not take our records. */
  'topic',
  'tooLarge',
  'forbidden',
  'credentials',
  /** TLS. */
  'certificate',
  /** Leaders and replicas are missing or on the move. */
  'replicas',
  /** The brokers do not know our producer (any more). */
  'producer',
  'other',
] as const;

export type KafkaFaultCause = (typeof KAFKA_FAULT_CAUSES)[number];

/** What `explainKafkaError` may name in its reasons. */
export interface KafkaFaultContext {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Where records are written in transactions. */
  readonly transactionalId?: string;
}

type Explain = (context: KafkaFaultContext) => string;
type Known = readonly [cause: KafkaFaultCause, explain: Explain];

/** What to say of an error that a broker answers with, by its type. */
export const byType: Readonly<Record<string, Known>> = {
  UNKNOWN_TOPIC_OR_PARTITION: [
    'topic',
    ({ topic }) => `topic ${topic} does not exist: create it or allow auto-create`,
  ],
  INVALID_TOPIC_EXCEPTION: [
    'topic',
    ({ topic }) => `the brokers take ${topic} for no valid topic name: change kafka.topic`,
  ],
  TOPIC_AUTHORIZATION_FAILED: [
    'forbidden',
    ({ topic }) => `writing to topic ${topic} is not allowed: grant this user Write and Describe on it`,
  ],
  CLUSTER_AUTHORIZATION_FAILED: [
    'forbidden',
    ({ topic }) =>
      `idempotent writing is not allowed: grant this user Write on topic ${topic}, and before Kafka 2.8 IdempotentWrite on the cluster`,
  ],
  SASL_AUTHENTICATION_FAILED: ['credentials', () => 'the brokers refused the credentials: check kafka.sasl'],
  UNSUPPORTED_SASL_MECHANISM: [
    'credentials',
    () => 'the brokers do not offer this mechanism: check kafka.sasl.mechanism',
  ],
  ILLEGAL_SASL_STATE: [
    'credentials',
    () => 'the brokers expected no authentication here: check kafka.sasl and the listener in kafka.brokers',
  ],
  UNSUPPORTED_COMPRESSION_TYPE: [
    'topic',
    ({ topic }) => `the brokers do not take this compression for topic ${topic}: change kafka.compression`,
  ],
  MESSAGE_TOO_LARGE: ['tooLarge', tooLarge],
  RECORD_LIST_TOO_LARGE: ['tooLarge', tooLarge],
  CORRUPT_MESSAGE: [
    'other',
    () => 'the brokers find the records damaged on arrival: check the network and its offloading',
  ],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [
    'topic',
    ({ topic }) => `the message format of topic ${topic} is too old: raise its message.format.version`,
  ],
  UNSUPPORTED_VERSION: [
    'other',
    () => 'the brokers do not speak this version of the protocol: Kafka 0.11 or newer is needed',
  ],
  INVALID_TIMESTAMP: [
    'topic',
    ({ topic }) =>
      `the brokers find the time of the samples out of range: set the clocks right, or topic ${topic}'s message.timestamp limits`,
  ],
  INVALID_RECORD: [
    'topic',
    ({ topic }) => `the brokers refuse the records as invalid: check the settings of topic ${topic}`,
  ],
  POLICY_VIOLATION: [
    'topic',
    ({ topic }) => `a policy of the brokers forbids this: check the settings of topic ${topic}`,
  ],
  NOT_ENOUGH_REPLICAS: ['replicas', tooFewReplicas],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: ['replicas', tooFewReplicas],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [
    'forbidden',
    ({ transactionalId = '' }) =>
      `transactions are not allowed: grant this user Write and Describe on transactional id ${transactionalId}`,
  ],
  INVALID_TRANSACTION_TIMEOUT: [
    'producer',
    () => 'the brokers allow shorter transactions only: raise their transaction.max.timeout.ms to 60000',
  ],
  CONCURRENT_TRANSACTIONS: ['producer', () => 'a former transaction is still being ended by the brokers'],
  LEADER_NOT_AVAILABLE: [
    'replicas',
    ({ topic }) =>
      `a partition of topic ${topic} has no leader at the moment: if it stays so, bring the missing brokers back`,
  ],
  NOT_LEADER_FOR_PARTITION: [
    'replicas',
    ({ topic }) => `the leader of a partition of topic ${topic} has just moved`,
  ],
  KAFKA_STORAGE_ERROR: ['other', () => 'a broker cannot write to its disk: look into its log'],
};

function tooLarge({ topic }: KafkaFaultContext): string {
  return `a line is larger than topic ${topic} allows: raise its max.message.bytes`;
}

function tooFewReplicas({ topic }: KafkaFaultContext): string {
  return `too few replicas of topic ${topic} are in sync: bring the missing brokers back`;
}

function wantsCertificate(): string {
  return 'the brokers refused the TLS handshake: do they want kafka.tls.certFile and keyFile?';
}

/** By the code of a system or TLS error, which kafkajs keeps. */
export const byCode: Readonly<Record<string, Known>> = {
  ENOTFOUND: [
    'unreachable',
    ({ brokers }) => `no such host among ${brokers.join(', ')}: check kafka.brokers and the name service`,
  ],
  EAI_AGAIN: [
    'unreachable',
    ({ brokers }) => `the name service does not answer for ${brokers.join(', ')}: check it`,
  ],
  CERT_HAS_EXPIRED: ['certificate', () => 'the certificate of the brokers has expired: renew it'],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'certificate',
    () =>
      'the certificate of the brokers is for another host name: use one that is in it in kafka.brokers, ' +
      'or as kafka.tls.serverName',
  ],
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: ['certificate', wantsCertificate],
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: ['certificate', wantsCertificate],
  EPROTO: [
    'certificate',
    () => 'the TLS handshake failed: check kafka.tls and the listener in kafka.brokers',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'certificate',
    () => 'the brokers do not speak TLS on this port: check kafka.tls and the listener in kafka.brokers',
  ],
};
