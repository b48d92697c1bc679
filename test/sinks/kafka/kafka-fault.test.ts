import { describe, expect, test } from 'vitest';
import { explainKafkaError } from '../../../src/sinks/kafka/kafka-fault.ts';
import { kafkaError } from './fake-brokers.ts';

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
    ['KafkaJSProtocolError', { type: 'TOPIC_AUTHORIZATION_FAILED' }, 'retry', 'grant this user'],
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
