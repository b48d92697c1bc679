import { createRequire } from 'node:module';
import fc from 'fast-check';
import type { Message } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ProducedMessage } from '../../../src/kafka/messages/produced-message.ts';
import { messageGrouping, toGroupedList } from '../../../src/kafka/patches/message-grouping.ts';
import { loadInternal } from '../../../src/kafka/patches/patch.ts';
import { produceRequest } from '../../../src/kafka/patches/produce-request.ts';

const messages = ['a', 'b', 'c'].map(
  (text) => new ProducedMessage(Buffer.from(text), '1700000000000', Buffer.from(text.repeat(3))),
);
loadInternal('src/producer/messageProducer.js');
const group = loadInternal('src/producer/groupMessagesPerPartition.js') as (send: object) => object;

describe('given a list of ours', () => {
  test('when kafkajs groups it, then it is its own group, and no message is looked at', () => {
    const list = toGroupedList(4, messages);
    const partitioner = (): never => {
      throw new Error('asked');
    };
    const groups = group({ topic: 't', partitionMetadata: [{}], messages: list, partitioner });
    expect(groups).toEqual({ 4: list });
  });

  test('when anybody else asks it, then it answers as any array does', () => {
    const list = toGroupedList(4, messages);
    const valueOf = ({ value }: Message): string => String(value);
    expect(list.reduce((text, message) => text + valueOf(message), '-')).toBe('-aaabbbccc');
    expect(list.reduce((_, message) => message)).toBe(messages[2]);
    expect(list.find((message) => valueOf(message) === 'bbb')).toBe(messages[1]);
    expect(list.find((message) => message.value === null)).toBeUndefined();
    fc.assert(
      fc.property(fc.func(fc.boolean()), fc.func(fc.nat()), (choose, count) => {
        expect(list.find((...args) => choose(...args))).toBe(messages.find((...args) => choose(...args)));
        const sum = (total: number, message: object): number => total + count(message);
        expect(list.reduce(sum, 0)).toBe((messages as object[]).reduce<number>(sum, 0));
      }),
    );
  });

  test('when it is grouped by a function that only looks like it, then each message is asked for', () => {
    const grouped = toGroupedList(4, messages).reduce<Record<string, Message[]>>((result, message) => {
      const name = String(message.key);
      return Object.assign(result, { [name]: [...(result[name] ?? []), message] });
    }, {});
    expect(grouped).toEqual({ a: [messages[0]], b: [messages[1]], c: [messages[2]] });
  });

  test('when it is empty, then it is an empty array', () => {
    expect(toGroupedList(4, []).reduce((count) => count + 1, 0)).toBe(0);
  });
});

describe('given the kafkajs that is installed', () => {
  test('when the patch is applied, then it needs the other one, and finds what it was made for', () => {
    expect(messageGrouping.apply()).toMatch(/produce-request/);
    expect(produceRequest.apply()).toBeNull();
    expect(messageGrouping.apply()).toBeNull();
  });

  test.each([
    [
      'groups in another way',
      'src/producer/groupMessagesPerPartition.js',
      ({ messages }: { readonly messages: readonly object[] }) => ({ 7: [...messages] }),
      /groups/,
    ],
    [
      'looks at each value',
      'src/producer/messageProducer.js',
      (parts: { getConnectionStatus: () => string }) => ({
        send({ messages }: { readonly messages: readonly Message[] }) {
          for (const { value } of messages) if (value?.length === 0) break;
          return Promise.reject(new Error(parts.getConnectionStatus()));
        },
      }),
      /looks for messages without a value/,
    ],
  ])('when it %s, then the patch stands aside', (_what, path, other, reason) => {
    const { cache, resolve } = createRequire(import.meta.url);
    const module = cache[resolve(`kafkajs/${path}`)];
    if (module === undefined) throw new Error('not loaded');
    const before: unknown = module.exports;
    onTestFinished(() => void (module.exports = before));
    module.exports = other;
    expect(produceRequest.apply()).toBeNull();
    expect(messageGrouping.apply()).toMatch(reason);
  });
});
