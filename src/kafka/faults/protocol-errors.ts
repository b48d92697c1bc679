/**
 * What an error of the brokers means for the delivery:
 *
 * - `retry`: it passes; send the same again, in the same composition
 * - `wait`: the same, but it lasts until a person has changed something, so it is reported at once
 * - `renew`: this producer cannot go on; a new one, with a new producer id, must send again
 * - `shrink`: refused for its size; nothing of it was written
 * - `refuse`: it is about the records themselves, and they will never be taken; nothing of them was written
 * - `suspect`: the same if it comes again after a renewal; else the producer or the network was to blame
 *
 * None stops the process: whatever is wrong at the brokers can be put right while it waits.
 */
export type KafkaAction = 'retry' | 'wait' | 'renew' | 'shrink' | 'refuse' | 'suspect';

/**
 * Every error of the protocol, as of Kafka 4.2 (`org.apache.kafka.common.protocol.Errors`), under the name that kafkajs
 * has for it where it has one. Most of them no request of ours can be answered with; these are tried again.
 */
export const KAFKA_ERRORS: readonly (readonly [code: number, type: string, action: KafkaAction])[] = [
  [-1, 'UNKNOWN', 'retry'],
  [1, 'OFFSET_OUT_OF_RANGE', 'retry'],
  [2, 'CORRUPT_MESSAGE', 'suspect'],
  [3, 'UNKNOWN_TOPIC_OR_PARTITION', 'retry'],
  [4, 'INVALID_FETCH_SIZE', 'retry'],
  [5, 'LEADER_NOT_AVAILABLE', 'retry'],
  [6, 'NOT_LEADER_FOR_PARTITION', 'retry'],
  [7, 'REQUEST_TIMED_OUT', 'retry'],
  [8, 'BROKER_NOT_AVAILABLE', 'retry'],
  [9, 'REPLICA_NOT_AVAILABLE', 'retry'],
  [10, 'MESSAGE_TOO_LARGE', 'shrink'],
  [11, 'STALE_CONTROLLER_EPOCH', 'wait'],
  [12, 'OFFSET_METADATA_TOO_LARGE', 'wait'],
  [13, 'NETWORK_EXCEPTION', 'retry'],
  [14, 'GROUP_LOAD_IN_PROGRESS', 'retry'],
  [15, 'GROUP_COORDINATOR_NOT_AVAILABLE', 'retry'],
  [16, 'NOT_COORDINATOR_FOR_GROUP', 'retry'],
  [17, 'INVALID_TOPIC_EXCEPTION', 'wait'],
  [18, 'RECORD_LIST_TOO_LARGE', 'shrink'],
  [19, 'NOT_ENOUGH_REPLICAS', 'retry'],
  [20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'retry'],
  [21, 'INVALID_REQUIRED_ACKS', 'wait'],
  [22, 'ILLEGAL_GENERATION', 'retry'],
  [23, 'INCONSISTENT_GROUP_PROTOCOL', 'retry'],
  [24, 'INVALID_GROUP_ID', 'retry'],
  [25, 'UNKNOWN_MEMBER_ID', 'retry'],
  [26, 'INVALID_SESSION_TIMEOUT', 'retry'],
  [27, 'REBALANCE_IN_PROGRESS', 'retry'],
  [28, 'INVALID_COMMIT_OFFSET_SIZE', 'retry'],
  [29, 'TOPIC_AUTHORIZATION_FAILED', 'wait'],
  [30, 'GROUP_AUTHORIZATION_FAILED', 'wait'],
  [31, 'CLUSTER_AUTHORIZATION_FAILED', 'wait'],
  [32, 'INVALID_TIMESTAMP', 'refuse'],
  [33, 'UNSUPPORTED_SASL_MECHANISM', 'wait'],
  [34, 'ILLEGAL_SASL_STATE', 'wait'],
  [35, 'UNSUPPORTED_VERSION', 'wait'],
  [36, 'TOPIC_ALREADY_EXISTS', 'wait'],
  [37, 'INVALID_PARTITIONS', 'wait'],
  [38, 'INVALID_REPLICATION_FACTOR', 'wait'],
  [39, 'INVALID_REPLICA_ASSIGNMENT', 'wait'],
  [40, 'INVALID_CONFIG', 'wait'],
  [41, 'NOT_CONTROLLER', 'retry'],
  [42, 'INVALID_REQUEST', 'renew'],
  [43, 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'wait'],
  [44, 'POLICY_VIOLATION', 'refuse'],
  [45, 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'renew'],
  [46, 'DUPLICATE_SEQUENCE_NUMBER', 'renew'],
  [47, 'INVALID_PRODUCER_EPOCH', 'renew'],
  [48, 'INVALID_TXN_STATE', 'renew'],
  [49, 'INVALID_PRODUCER_ID_MAPPING', 'renew'],
  [50, 'INVALID_TRANSACTION_TIMEOUT', 'wait'],
  [51, 'CONCURRENT_TRANSACTIONS', 'retry'],
  [52, 'TRANSACTION_COORDINATOR_FENCED', 'renew'],
  [53, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'wait'],
  [54, 'SECURITY_DISABLED', 'wait'],
  [55, 'OPERATION_NOT_ATTEMPTED', 'retry'],
  [56, 'KAFKA_STORAGE_ERROR', 'retry'],
  [57, 'LOG_DIR_NOT_FOUND', 'wait'],
  [58, 'SASL_AUTHENTICATION_FAILED', 'wait'],
  [59, 'UNKNOWN_PRODUCER_ID', 'renew'],
  [60, 'REASSIGNMENT_IN_PROGRESS', 'retry'],
  [61, 'DELEGATION_TOKEN_AUTH_DISABLED', 'wait'],
  [62, 'DELEGATION_TOKEN_NOT_FOUND', 'wait'],
  [63, 'DELEGATION_TOKEN_OWNER_MISMATCH', 'wait'],
  [64, 'DELEGATION_TOKEN_REQUEST_NOT_ALLOWED', 'wait'],
  [65, 'DELEGATION_TOKEN_AUTHORIZATION_FAILED', 'wait'],
  [66, 'DELEGATION_TOKEN_EXPIRED', 'wait'],
  [67, 'INVALID_PRINCIPAL_TYPE', 'wait'],
  [68, 'NON_EMPTY_GROUP', 'retry'],
  [69, 'GROUP_ID_NOT_FOUND', 'retry'],
  [70, 'FETCH_SESSION_ID_NOT_FOUND', 'retry'],
  [71, 'INVALID_FETCH_SESSION_EPOCH', 'retry'],
  [72, 'LISTENER_NOT_FOUND', 'retry'],
  [73, 'TOPIC_DELETION_DISABLED', 'wait'],
  [74, 'FENCED_LEADER_EPOCH', 'retry'],
  [75, 'UNKNOWN_LEADER_EPOCH', 'retry'],
  [76, 'UNSUPPORTED_COMPRESSION_TYPE', 'wait'],
  [77, 'STALE_BROKER_EPOCH', 'retry'],
  [78, 'OFFSET_NOT_AVAILABLE', 'retry'],
  [79, 'MEMBER_ID_REQUIRED', 'retry'],
  [80, 'PREFERRED_LEADER_NOT_AVAILABLE', 'retry'],
  [81, 'GROUP_MAX_SIZE_REACHED', 'retry'],
  [82, 'FENCED_INSTANCE_ID', 'retry'],
  [83, 'ELIGIBLE_LEADERS_NOT_AVAILABLE', 'retry'],
  [84, 'ELECTION_NOT_NEEDED', 'retry'],
  [85, 'NO_REASSIGNMENT_IN_PROGRESS', 'retry'],
  [86, 'GROUP_SUBSCRIBED_TO_TOPIC', 'retry'],
  [87, 'INVALID_RECORD', 'suspect'],
  [88, 'UNSTABLE_OFFSET_COMMIT', 'retry'],
  [89, 'THROTTLING_QUOTA_EXCEEDED', 'retry'],
  [90, 'PRODUCER_FENCED', 'renew'],
  [91, 'RESOURCE_NOT_FOUND', 'retry'],
  [92, 'DUPLICATE_RESOURCE', 'retry'],
  [93, 'UNACCEPTABLE_CREDENTIAL', 'wait'],
  [94, 'INCONSISTENT_VOTER_SET', 'retry'],
  [95, 'INVALID_UPDATE_VERSION', 'retry'],
  [96, 'FEATURE_UPDATE_FAILED', 'retry'],
  [97, 'PRINCIPAL_DESERIALIZATION_FAILURE', 'wait'],
  [98, 'SNAPSHOT_NOT_FOUND', 'retry'],
  [99, 'POSITION_OUT_OF_RANGE', 'retry'],
  [100, 'UNKNOWN_TOPIC_ID', 'retry'],
  [101, 'DUPLICATE_BROKER_REGISTRATION', 'retry'],
  [102, 'BROKER_ID_NOT_REGISTERED', 'retry'],
  [103, 'INCONSISTENT_TOPIC_ID', 'retry'],
  [104, 'INCONSISTENT_CLUSTER_ID', 'wait'],
  [105, 'TRANSACTIONAL_ID_NOT_FOUND', 'renew'],
  [106, 'FETCH_SESSION_TOPIC_ID_ERROR', 'retry'],
  [107, 'INELIGIBLE_REPLICA', 'retry'],
  [108, 'NEW_LEADER_ELECTED', 'retry'],
  [109, 'OFFSET_MOVED_TO_TIERED_STORAGE', 'retry'],
  [110, 'FENCED_MEMBER_EPOCH', 'retry'],
  [111, 'UNRELEASED_INSTANCE_ID', 'retry'],
  [112, 'UNSUPPORTED_ASSIGNOR', 'retry'],
  [113, 'STALE_MEMBER_EPOCH', 'retry'],
  [114, 'MISMATCHED_ENDPOINT_TYPE', 'retry'],
  [115, 'UNSUPPORTED_ENDPOINT_TYPE', 'retry'],
  [116, 'UNKNOWN_CONTROLLER_ID', 'retry'],
  [117, 'UNKNOWN_SUBSCRIPTION_ID', 'retry'],
  [118, 'TELEMETRY_TOO_LARGE', 'retry'],
  [119, 'INVALID_REGISTRATION', 'retry'],
  [120, 'TRANSACTION_ABORTABLE', 'renew'],
  [121, 'INVALID_RECORD_STATE', 'retry'],
  [122, 'SHARE_SESSION_NOT_FOUND', 'retry'],
  [123, 'INVALID_SHARE_SESSION_EPOCH', 'retry'],
  [124, 'FENCED_STATE_EPOCH', 'retry'],
  [125, 'INVALID_VOTER_KEY', 'retry'],
  [126, 'DUPLICATE_VOTER', 'retry'],
  [127, 'VOTER_NOT_FOUND', 'retry'],
  [128, 'INVALID_REGULAR_EXPRESSION', 'retry'],
  [129, 'REBOOTSTRAP_REQUIRED', 'renew'],
  [130, 'STREAMS_INVALID_TOPOLOGY', 'retry'],
  [131, 'STREAMS_INVALID_TOPOLOGY_EPOCH', 'retry'],
  [132, 'STREAMS_TOPOLOGY_FENCED', 'retry'],
  [133, 'SHARE_SESSION_LIMIT_REACHED', 'retry'],
];

const byType: ReadonlyMap<string, KafkaAction> = new Map(
  KAFKA_ERRORS.map(([, type, action]) => [type, action]),
);
const typeByCode: ReadonlyMap<number, string> = new Map(KAFKA_ERRORS.map(([code, type]) => [code, type]));

/** Undefined for what is no error of the protocol. */
export function actionOfType(type: string): KafkaAction | undefined {
  return byType.get(type);
}

/** kafkajs 2.2.4 knows the errors up to Kafka 2.6. Of all others it gives the code only, in the message. */
export function typeOfUnknown(message: string): string | undefined {
  const code = /^Unknown error code (-?\d+)$/.exec(message)?.[1];
  return code === undefined ? undefined : typeByCode.get(Number(code));
}
