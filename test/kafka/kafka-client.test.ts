import { Kafka, logLevel } from 'kafkajs';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createKafkaLog } from '../../src/kafka/kafka-client.ts';

function kafkaLogger() {
  const lines: Record<string, unknown>[] = [];
  const clock = { now: 0, nowMs: () => clock.now };
  const log = pino(
    { level: 'debug' },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const logCreator = createKafkaLog({ clock, log });
  const logger = new Kafka({ brokers: ['a:1'], logLevel: logLevel.INFO, logCreator })
    .logger()
    .namespace('Connection');
  return { logger, lines, clock };
}

describe('given kafkajs that reports the same failure again and again', () => {
  test('when it does so within a minute, then it is logged once; after it, with the number left out', () => {
    const { logger, lines, clock } = kafkaLogger();
    for (let times = 0; times < 5; times += 1) logger.error('Connection error');
    clock.now = 60_000;
    logger.error('Connection error');
    expect(lines.map(({ detail, repeated }) => [detail, repeated])).toEqual([
      ['Connection: Connection error', 0],
      ['Connection: Connection error', 4],
    ]);
  });

  test('when it calls an attempt that failed an error, then it is for debugging here', () => {
    const { logger, lines } = kafkaLogger();
    logger.error('Connection error');
    expect(lines[0]).toMatchObject({ level: 20 });
  });

  test('when it speaks of a broker at an IPv6 address, then that is as it was written', () => {
    const { logger, lines } = kafkaLogger();
    logger.error('Connection error: [--1]:9092 is away', { broker: '[--1]:9092', error: 'at [--1]:9092' });
    logger.error('Another', { broker: '::1:9092' });
    expect(lines).toMatchObject([
      {
        detail: 'Connection: Connection error: [::1]:9092 is away',
        broker: '[::1]:9092',
        error: 'at [::1]:9092',
      },
      { broker: '[::1]:9092' },
    ]);
  });

  test('when it adds facts, then only the harmless ones are passed on', () => {
    const { logger, lines } = kafkaLogger();
    logger.error('Response', {
      broker: 'a:1',
      payload: { data: 'secret' },
      stack: 'secret',
      authBytes: 'secret',
    });
    expect(lines[0]).toMatchObject({ broker: 'a:1' });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});
