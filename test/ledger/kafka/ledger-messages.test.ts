import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { sendLedger, toLedgerMessages } from '../../../src/ledger/kafka/ledger-messages.ts';
import { kafkaError } from '../../kafka/fake-brokers.ts';

const context = { brokers: ['k:9092'], topic: 'speed-racer.spans' };
const log = pino({ level: 'silent' });
const messages = toLedgerMessages(
  new Map([
    ['one', 'a'],
    ['two', 'x'.repeat(100)],
    ['three', null],
  ]),
);

describe('given entries of a ledger', () => {
  test('when the answer does not say that they were written, then they were not', async () => {
    const append = () => Promise.resolve(false);
    await expect(sendLedger({ log, append }, messages, context)).rejects.toThrow('did not name partition 0');
  });

  test('when one is too large, then the others are written, in order', async () => {
    const written: string[] = [];
    await sendLedger(
      {
        log,
        append(batch) {
          if (batch.some(({ valueLength }) => valueLength > 50)) {
            return Promise.reject(kafkaError('KafkaJSProtocolError', { type: 'MESSAGE_TOO_LARGE' }));
          }
          written.push(...batch.map(({ key }) => key.toString()));
          return Promise.resolve(true);
        },
      },
      messages,
      context,
    );
    expect(written).toEqual(['one', 'three']);
  });

  test('when they are made, then they have no time that brokers could find wrong', () => {
    expect(messages.map(({ timestamp }) => timestamp)).toEqual(['-1', '-1', '-1']);
  });
});
