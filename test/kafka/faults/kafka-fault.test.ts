import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { KAFKA_ERRORS } from '../../../src/kafka/faults/protocol-errors.ts';
import { explainKafkaError } from '../../../src/kafka/faults/kafka-fault.ts';
import { RainbowError } from '../../../src/platform/rainbow-error.ts';
import { kafkaError } from '../fake-brokers.ts';

const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error.js') as {
  readonly createErrorFromCode: (code: number) => Error;
};
const context = { brokers: ['kafka-1:9092'], topic: 'speed-racer' };

describe('given an error of kafkajs', () => {
  test.each([
    ['KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }, 'shrink', 'max.message.bytes'],
    ['KafkaJSProtocolError', { type: 'OUT_OF_ORDER_SEQUENCE_NUMBER' }, 'renew', 'starts anew'],
    [
      'KafkaJSProtocolError',
      { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
      'retry',
      'create it or allow auto-create',
    ],
    ['KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' }, 'wait', 'grant this user'],
    ['KafkaJSProtocolError', { type: 'NOT_ENOUGH_REPLICAS' }, 'retry', 'missing brokers'],
    ['KafkaJSConnectionError', { code: 'ECONNREFUSED' }, 'retry', 'no broker can be reached at kafka-1:9092'],
    ['KafkaJSConnectionError', { code: 'ENOTFOUND' }, 'retry', 'no such host'],
    ['KafkaJSConnectionError', { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'retry', 'kafka.tls.caFile'],
    ['KafkaJSConnectionError', { code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'retry', 'kafka.tls.caFile'],
    ['KafkaJSConnectionClosedError', {}, 'retry', 'kafka.tls and kafka.sasl'],
    ['KafkaJSRequestTimeoutError', {}, 'retry', 'did not answer in time'],
    ['KafkaJSSASLAuthenticationError', {}, 'retry', 'refused the credentials'],
    ['TypeError', {}, 'renew', 'talking to Kafka failed'],
  ])(
    'when it is %s %o, then the action is %s and the reason says what to do',
    (name, facts, action, remedy) => {
      expect(explainKafkaError(kafkaError(name, facts), context)).toMatchObject({
        action,
        reason: expect.stringContaining(remedy) as string,
      });
    },
  );

  test('when it is about one broker of several, then the reason names that one', () => {
    const several = { ...context, brokers: ['kafka-1:9092', 'kafka-2:9092'] };
    const error = Object.assign(kafkaError('KafkaJSConnectionError', { code: 'ECONNREFUSED' }), {
      broker: 'kafka-2:9092',
    });
    expect(explainKafkaError(error, several)).toEqual({
      action: 'retry',
      cause: 'unreachable',
      reason:
        'broker kafka-2:9092 cannot be reached (ECONNREFUSED): ' +
        'bring it back, or check kafka.brokers and the network',
    });
  });

  test('when it is wrapped by the retry of kafkajs, then the cause inside is what counts', () => {
    const inside = kafkaError('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' });
    const outside = new Error('The number of retries was exceeded', {
      cause: new Error('once more', { cause: inside }),
    });
    expect(explainKafkaError(outside, context).action).toBe('shrink');
  });

  test('when it is no error at all, then it is tried again', () => {
    expect(explainKafkaError('odd', context)).toEqual({
      action: 'retry',
      cause: 'other',
      reason: 'talking to Kafka failed: odd',
    });
  });

  test('when it tells what the server said about the credentials, then that is not passed on', () => {
    const error = kafkaError('KafkaJSSASLAuthenticationError', {}, 'invalid password hunter2 for bob');
    expect(explainKafkaError(error, context).reason).not.toMatch(/hunter2|bob/);
  });
});

describe('given an error of our own', () => {
  test.each([
    ['LEDGER_TOPIC', 'retry', 'topic'],
    ['LEDGER_UNFINISHED', 'retry', 'topic'],
    ['KAFKA_TOKEN_ENDPOINT', 'retry', 'credentials'],
    ['KAFKA_TOKEN_REFUSED', 'retry', 'credentials'],
    ['KAFKA_PRODUCER_SPENT', 'renew', 'producer'],
  ] as const)('when it is %s, wrapped by kafkajs, then its message is the reason', (code, action, cause) => {
    const error = new RainbowError(code, 'it is so', { remedy: 'do this' });
    const wrapped = new Error('once more', { cause: error });
    expect(explainKafkaError(wrapped, context)).toEqual({ action, cause, reason: 'it is so: do this' });
  });

  test('when an error only has the name of one of kafkajs, then it is not taken for that', () => {
    const error = Object.assign(new Error('odd'), { name: 'KafkaJSRequestTimeoutError' });
    expect(explainKafkaError(error, context).cause).toBe('other');
  });
});

/** Of Kafka 4.2, `org.apache.kafka.common.protocol.Errors`: what each answer to a produce request comes to. */
const errorsOfKafka = `
-1 UNKNOWN_SERVER_ERROR retry
1 OFFSET_OUT_OF_RANGE retry
2 CORRUPT_MESSAGE suspect
3 UNKNOWN_TOPIC_OR_PARTITION retry
4 INVALID_FETCH_SIZE retry
5 LEADER_NOT_AVAILABLE retry
6 NOT_LEADER_OR_FOLLOWER retry
7 REQUEST_TIMED_OUT retry
8 BROKER_NOT_AVAILABLE retry
9 REPLICA_NOT_AVAILABLE retry
10 MESSAGE_TOO_LARGE shrink
11 STALE_CONTROLLER_EPOCH wait
12 OFFSET_METADATA_TOO_LARGE wait
13 NETWORK_EXCEPTION retry
14 COORDINATOR_LOAD_IN_PROGRESS retry
15 COORDINATOR_NOT_AVAILABLE retry
16 NOT_COORDINATOR retry
17 INVALID_TOPIC_EXCEPTION wait
18 RECORD_LIST_TOO_LARGE shrink
19 NOT_ENOUGH_REPLICAS retry
20 NOT_ENOUGH_REPLICAS_AFTER_APPEND retry
21 INVALID_REQUIRED_ACKS wait
22 ILLEGAL_GENERATION retry
23 INCONSISTENT_GROUP_PROTOCOL retry
24 INVALID_GROUP_ID retry
25 UNKNOWN_MEMBER_ID retry
26 INVALID_SESSION_TIMEOUT retry
27 REBALANCE_IN_PROGRESS retry
28 INVALID_COMMIT_OFFSET_SIZE retry
29 TOPIC_AUTHORIZATION_FAILED wait
30 GROUP_AUTHORIZATION_FAILED wait
31 CLUSTER_AUTHORIZATION_FAILED wait
32 INVALID_TIMESTAMP refuse
33 UNSUPPORTED_SASL_MECHANISM wait
34 ILLEGAL_SASL_STATE wait
35 UNSUPPORTED_VERSION wait
36 TOPIC_ALREADY_EXISTS wait
37 INVALID_PARTITIONS wait
38 INVALID_REPLICATION_FACTOR wait
39 INVALID_REPLICA_ASSIGNMENT wait
40 INVALID_CONFIG wait
41 NOT_CONTROLLER retry
42 INVALID_REQUEST renew
43 UNSUPPORTED_FOR_MESSAGE_FORMAT wait
44 POLICY_VIOLATION refuse
45 OUT_OF_ORDER_SEQUENCE_NUMBER renew
46 DUPLICATE_SEQUENCE_NUMBER renew
47 INVALID_PRODUCER_EPOCH renew
48 INVALID_TXN_STATE renew
49 INVALID_PRODUCER_ID_MAPPING renew
50 INVALID_TRANSACTION_TIMEOUT wait
51 CONCURRENT_TRANSACTIONS retry
52 TRANSACTION_COORDINATOR_FENCED renew
53 TRANSACTIONAL_ID_AUTHORIZATION_FAILED wait
54 SECURITY_DISABLED wait
55 OPERATION_NOT_ATTEMPTED retry
56 KAFKA_STORAGE_ERROR retry
57 LOG_DIR_NOT_FOUND wait
58 SASL_AUTHENTICATION_FAILED wait
59 UNKNOWN_PRODUCER_ID renew
60 REASSIGNMENT_IN_PROGRESS retry
61 DELEGATION_TOKEN_AUTH_DISABLED wait
62 DELEGATION_TOKEN_NOT_FOUND wait
63 DELEGATION_TOKEN_OWNER_MISMATCH wait
64 DELEGATION_TOKEN_REQUEST_NOT_ALLOWED wait
65 DELEGATION_TOKEN_AUTHORIZATION_FAILED wait
66 DELEGATION_TOKEN_EXPIRED wait
67 INVALID_PRINCIPAL_TYPE wait
68 NON_EMPTY_GROUP retry
69 GROUP_ID_NOT_FOUND retry
70 FETCH_SESSION_ID_NOT_FOUND retry
71 INVALID_FETCH_SESSION_EPOCH retry
72 LISTENER_NOT_FOUND retry
73 TOPIC_DELETION_DISABLED wait
74 FENCED_LEADER_EPOCH retry
75 UNKNOWN_LEADER_EPOCH retry
76 UNSUPPORTED_COMPRESSION_TYPE wait
77 STALE_BROKER_EPOCH retry
78 OFFSET_NOT_AVAILABLE retry
79 MEMBER_ID_REQUIRED retry
80 PREFERRED_LEADER_NOT_AVAILABLE retry
81 GROUP_MAX_SIZE_REACHED retry
82 FENCED_INSTANCE_ID retry
83 ELIGIBLE_LEADERS_NOT_AVAILABLE retry
84 ELECTION_NOT_NEEDED retry
85 NO_REASSIGNMENT_IN_PROGRESS retry
86 GROUP_SUBSCRIBED_TO_TOPIC retry
87 INVALID_RECORD suspect
88 UNSTABLE_OFFSET_COMMIT retry
89 THROTTLING_QUOTA_EXCEEDED retry
90 PRODUCER_FENCED renew
91 RESOURCE_NOT_FOUND retry
92 DUPLICATE_RESOURCE retry
93 UNACCEPTABLE_CREDENTIAL wait
94 INCONSISTENT_VOTER_SET retry
95 INVALID_UPDATE_VERSION retry
96 FEATURE_UPDATE_FAILED retry
97 PRINCIPAL_DESERIALIZATION_FAILURE wait
98 SNAPSHOT_NOT_FOUND retry
99 POSITION_OUT_OF_RANGE retry
100 UNKNOWN_TOPIC_ID retry
101 DUPLICATE_BROKER_REGISTRATION retry
102 BROKER_ID_NOT_REGISTERED retry
103 INCONSISTENT_TOPIC_ID retry
104 INCONSISTENT_CLUSTER_ID wait
105 TRANSACTIONAL_ID_NOT_FOUND renew
106 FETCH_SESSION_TOPIC_ID_ERROR retry
107 INELIGIBLE_REPLICA retry
108 NEW_LEADER_ELECTED retry
109 OFFSET_MOVED_TO_TIERED_STORAGE retry
110 FENCED_MEMBER_EPOCH retry
111 UNRELEASED_INSTANCE_ID retry
112 UNSUPPORTED_ASSIGNOR retry
113 STALE_MEMBER_EPOCH retry
114 MISMATCHED_ENDPOINT_TYPE retry
115 UNSUPPORTED_ENDPOINT_TYPE retry
116 UNKNOWN_CONTROLLER_ID retry
117 UNKNOWN_SUBSCRIPTION_ID retry
118 TELEMETRY_TOO_LARGE retry
119 INVALID_REGISTRATION retry
120 TRANSACTION_ABORTABLE renew
121 INVALID_RECORD_STATE retry
122 SHARE_SESSION_NOT_FOUND retry
123 INVALID_SHARE_SESSION_EPOCH retry
124 FENCED_STATE_EPOCH retry
125 INVALID_VOTER_KEY retry
126 DUPLICATE_VOTER retry
127 VOTER_NOT_FOUND retry
128 INVALID_REGULAR_EXPRESSION retry
129 REBOOTSTRAP_REQUIRED renew
130 STREAMS_INVALID_TOPOLOGY retry
131 STREAMS_INVALID_TOPOLOGY_EPOCH retry
132 STREAMS_TOPOLOGY_FENCED retry
133 SHARE_SESSION_LIMIT_REACHED retry
`;

describe('given each error of the protocol', () => {
  const rows = errorsOfKafka
    .trim()
    .split('\n')
    .map((row) => row.split(' ') as [code: string, name: string, action: string]);

  test.each(rows)('when the answer is %s %s, then the sink does: %s', (code, name, action) => {
    const error = createErrorFromCode(Number(code));
    const fault = explainKafkaError(new Error('wrapped', { cause: error }), context);
    expect(fault.action).toBe(action);
    if (Number(code) > 88) expect(fault.reason).toContain(name);
  });

  test('when they are counted, then none is missing', () => {
    expect(rows.map(([code]) => Number(code))).toEqual([
      -1,
      ...Array.from({ length: 133 }, (_, at) => at + 1),
    ]);
    expect(KAFKA_ERRORS.map(([code]) => code)).toEqual(rows.map(([code]) => Number(code)));
  });

  test('when a newer Kafka answers with one that is not known yet, then it is tried again', () => {
    expect(explainKafkaError(createErrorFromCode(999), context)).toMatchObject({
      action: 'retry',
      reason: 'talking to Kafka failed: Unknown error code 999',
    });
  });
});
