import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProducerNumbers, type BatchNumbering } from '../../../src/kafka/messages/producer-numbers.ts';

/** A partition as a broker keeps it: what it takes of producers, by Kafka's rules. */
function createPartition() {
  const log: string[] = [];
  const states = new Map<bigint, { epoch: number; last: number; batches: string[] }>();
  return {
    log,
    /** It remembers no producer any more. */
    forget: () => states.clear(),
    append({ producerId, producerEpoch, firstSequence }: BatchNumbering, value: string) {
      const state = states.get(producerId);
      const id = `${producerEpoch} ${firstSequence}`;
      if (state !== undefined) {
        if (producerEpoch < state.epoch) return 'fenced';
        if (producerEpoch === state.epoch) {
          if (state.batches.includes(id)) return 'ok';
          if (firstSequence !== state.last + 1) return 'miscounted';
        } else if (firstSequence !== 0) return 'miscounted';
      }
      const batches = state?.epoch === producerEpoch ? state.batches : [];
      states.set(producerId, {
        epoch: producerEpoch,
        last: firstSequence,
        batches: [...batches, id].slice(-5),
      });
      log.push(value);
      return 'ok';
    },
  };
}

type Fate = 'arrives' | 'answer lost' | 'late' | 'late, and the broker forgets';
const fates = fc.array(
  fc.array(fc.constantFrom<Fate>('arrives', 'answer lost', 'late', 'late, and the broker forgets'), {
    maxLength: 3,
  }),
  { minLength: 1, maxLength: 12 },
);

describe('given values that are written one after the other, each again until it has arrived', () => {
  test('when requests arrive late, at any time, then the newest value is the last that is written', () => {
    fc.assert(
      fc.property(fates, fc.array(fc.nat()), (values, order) => {
        const partition = createPartition();
        const numbers = new ProducerNumbers();
        const late: (() => void)[] = [];
        let index = 0;
        for (const attempts of values) {
          index += 1;
          const value = String(index);
          for (const fate of [...attempts, 'arrives' as const]) {
            const batch = numbers.ofNext(7n);
            if (fate === 'late, and the broker forgets') partition.forget();
            if (fate.startsWith('late')) late.push(() => void partition.append(batch, value));
            else {
              const answer = partition.append(batch, value);
              if (answer === 'ok' && fate === 'arrives') numbers.arrived(1);
              else if (answer !== 'ok') {
                numbers.beginEpoch();
                partition.append(numbers.ofNext(7n), value);
                if (fate === 'arrives') numbers.arrived(1);
              }
            }
          }
          // A request given up may arrive at any time after.
          const which = order.shift();
          if (which !== undefined && late.length > 0) late.splice(which % late.length, 1)[0]?.();
          expect(partition.log.at(-1)).toBe(value);
        }
        for (const arrive of late) arrive();
        expect(partition.log.at(-1)).toBe(String(values.length));
      }),
      { numRuns: 2000 },
    );
  });

  test('when another process has gone on with its numbers, then what it sends is refused', () => {
    const partition = createPartition();
    const former = new ProducerNumbers();
    expect(partition.append(former.ofNext(7n), 'former')).toBe('ok');
    former.arrived(1);
    const { epoch } = former;
    const next = new ProducerNumbers({ producerId: 7n, epoch });
    expect(partition.append(next.ofNext(8n), 'next')).toBe('ok');
    next.arrived(1);
    expect(partition.append(former.ofNext(7n), 'late')).toBe('fenced');
    // Neither ever comes to an epoch of the other.
    const epochs = [former, next].map((each) =>
      Array.from({ length: 50 }, () => {
        each.beginEpoch();
        return each.epoch;
      }),
    );
    expect(epochs[0]?.filter((each) => epochs[1]?.includes(each))).toEqual([]);
  });

  test('when epochs are used up, then it asks for another id', () => {
    const numbers = new ProducerNumbers({ producerId: 7n, epoch: 32_698 });
    expect(numbers.ofNext(8n)).toMatchObject({ producerId: 7n, producerEpoch: 32_699 });
    expect(numbers.beginEpoch()).toBe(false);
    expect(numbers.ofNext(8n)).toEqual({ producerId: 8n, producerEpoch: 0, firstSequence: 0 });
  });
});
