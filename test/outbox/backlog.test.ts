import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBacklog, sampleCostBytes } from '../../src/outbox/backlog.ts';
import type { EncodedSample } from '../../src/records/encoded-sample.ts';
import { linesOf, sampleOf } from './sample-of.ts';

type Step =
  | { readonly do: 'add'; readonly key: string; readonly kinds: readonly string[] }
  | { readonly do: 'take'; readonly batchBytes: number }
  | { readonly do: 'settle'; readonly count: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('add' as const),
        key: fc.constantFrom('c/a', 'c/b', 'd/a'),
        kinds: fc.array(fc.constantFrom('0', 'v', `v${'x'.repeat(300)}`), { minLength: 1, maxLength: 6 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('take' as const), batchBytes: fc.nat(2000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('settle' as const), count: fc.nat(5) }) },
  ),
  { maxLength: 120 },
);

/** Runs the steps on a backlog, takes out all that is left at the end, and remembers what came of every line. */
function play(script: readonly Step[], memoryBytes: number) {
  const backlog = createBacklog({ memoryBytes });
  const offered: { key: string; line: string }[] = [];
  const delivered: { key: string; line: string }[] = [];
  const droppedSamples: string[][] = [];
  let flying: EncodedSample[] = [];
  let droppedRecords = 0;
  let droppedBounds = 0;
  let serial = 0;

  function settle(count: number): void {
    const gone = flying.slice(0, count);
    flying = flying.slice(count);
    for (const sample of gone) delivered.push(...linesOf(sample).map((line) => ({ key: sample.key, line })));
    backlog.settle(gone);
  }
  for (const step of script) {
    if (step.do === 'add') {
      const sample = sampleOf(
        step.key,
        step.kinds.map((kind) => `${kind} ${String((serial += 1))}`),
      );
      offered.push(...linesOf(sample).map((line) => ({ key: step.key, line })));
      for (const drop of backlog.add(sample, serial)) {
        droppedRecords += drop.records;
        if (drop.isRest) droppedBounds += drop.records;
        droppedSamples.push(linesOf(drop.sample).filter((line) => drop.isRest || !line.startsWith('0')));
      }
    } else if (step.do === 'take') flying.push(...backlog.take(step.batchBytes));
    else settle(step.count);
    const { bytes } = backlog.depth();
    const flyingBytes = flying.reduce((sum, sample) => sum + sampleCostBytes(sample), 0);
    expect(bytes).toBeLessThanOrEqual(Math.max(memoryBytes, flyingBytes));
    expect(backlog.inFlight()).toEqual(flying);
  }
  const beforeDrain = backlog.depth();
  const waiting = backlog.take(Number.MAX_SAFE_INTEGER);
  const left = [...flying, ...waiting];
  flying = left;
  settle(left.length);
  return { backlog, offered, delivered, droppedSamples, droppedRecords, droppedBounds, beforeDrain, left };
}

function serialOf(line: string): number {
  return Number(line.split(' ')[1]);
}

describe('given any run of samples offered, taken and settled', () => {
  test('when the bound is small, then every loss is counted, of zero bounds, too, and those go last', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 8000 }), (script, memoryBytes) => {
        const { offered, delivered, droppedRecords, droppedBounds } = play(script, memoryBytes);
        const isBound = ({ line }: { line: string }) => line.startsWith('0');
        expect(delivered.filter(isBound).length).toBe(offered.filter(isBound).length - droppedBounds);
        expect(offered.length - delivered.length).toBe(droppedRecords);
      }),
    );
  });

  test('when the bound is small, then what arrives is in the order offered', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 8000 }), (script, memoryBytes) => {
        const serials = play(script, memoryBytes).delivered.map(({ line }) => serialOf(line));
        expect(serials).toEqual(serials.toSorted((a, b) => a - b));
      }),
    );
  });

  test('when a sample is dropped, then all of its values go and not some', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 8000 }), (script, memoryBytes) => {
        const { delivered, droppedSamples } = play(script, memoryBytes);
        const arrived = new Set(delivered.map(({ line }) => line));
        for (const line of droppedSamples.flat()) expect(arrived.has(line)).toBe(false);
      }),
    );
  });

  test('when the bound is never reached, then nothing is lost', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const { offered, delivered } = play(script, Number.MAX_SAFE_INTEGER);
        expect(delivered).toEqual(offered);
      }),
    );
  });

  test('when it is counted, then depth is exactly the sum of what waits, and nothing in the end', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 8000 }), (script, memoryBytes) => {
        const { backlog, beforeDrain, left } = play(script, memoryBytes);
        const sum = (of: (sample: EncodedSample) => number) =>
          left.reduce((total, each) => total + of(each), 0);
        expect(beforeDrain).toMatchObject({
          samples: left.length,
          records: sum((sample) => sample.unitEnds.length),
          bytes: sum(sampleCostBytes),
        });
        expect(backlog.depth()).toEqual({ samples: 0, records: 0, bytes: 0 });
        expect(backlog.waitingBytes()).toBe(0);
        expect(backlog.oldestOfferedMs()).toBeNull();
      }),
    );
  });
});

describe('given samples that say which spans of a large group are open', () => {
  test('when they wait, then what they say counts as memory', () => {
    const open = JSON.stringify(Array.from({ length: 2000 }, (_, partition) => ['orders', partition]));
    const backlog = createBacklog({ memoryBytes: 1_000_000 });
    for (let at = 0; at < 200; at += 1) {
      const spans = { key: 'k', open: `${open} `, doubted: null, opened: null, closed: null };
      backlog.add({ ...sampleOf('c/g', [`0 ${at}`]), spans }, at);
    }
    expect(backlog.depth().samples * open.length).toBeLessThan(1_000_000);
  });
});

describe('given samples that wait no more without being settled', () => {
  test('when they were dropped, reduced or folded, then each is told once, and the others still wait', () => {
    const gone: EncodedSample[] = [];
    const backlog = createBacklog({ memoryBytes: 6000 }, (sample) => void gone.push(sample));
    const samples = Array.from({ length: 60 }, (_, at) =>
      sampleOf('c/g', [
        `0 ${at}`,
        ...(at % 3 === 0 ? [] : [`burrow.c.g.t.0.Lag 0 ${1_700_000_000 + at}`]),
        ...(at % 3 === 1 ? ['v'] : []),
      ]),
    );
    for (const [at, sample] of samples.entries()) {
      const bounds = [...sample.unitEnds.keys()].filter((unit) => linesOf(sample)[unit] !== 'v');
      samples[at] = { ...sample, bounds };
      backlog.add(samples[at], at);
    }
    const waiting = [...backlog.entries()].map(({ sample }) => sample);
    const stay = samples.filter((sample) => waiting.includes(sample));
    expect(new Set(gone).size).toBe(gone.length);
    expect(samples.filter((sample) => !gone.includes(sample))).toEqual(stay);
    expect(stay.some((sample) => gone.includes(sample))).toBe(false);
    expect(gone.length).toBeGreaterThan(0);
  });
});

describe('given a backlog of three samples', () => {
  function backlogOfThree() {
    const samples = ['a', 'b', 'c'].map((name) => sampleOf(`c/${name}`, [`${name} 1`]));
    const backlog = createBacklog({ memoryBytes: 1_000_000 });
    for (const [index, sample] of samples.entries()) backlog.add(sample, 100 + index);
    return { backlog, samples };
  }

  test('when a batch is taken, then it ends before the bytes are exceeded', () => {
    const { backlog, samples } = backlogOfThree();
    expect(backlog.take(8)).toEqual(samples.slice(0, 2));
  });

  test('when a sample is larger than a batch, then it goes alone', () => {
    const { backlog, samples } = backlogOfThree();
    expect(backlog.take(1)).toEqual(samples.slice(0, 1));
  });

  test('when the oldest is settled, then the next one is the oldest', () => {
    const { backlog } = backlogOfThree();
    expect(backlog.oldestOfferedMs()).toBe(100);
    backlog.settle(backlog.take(1));
    expect(backlog.oldestOfferedMs()).toBe(101);
  });
});
