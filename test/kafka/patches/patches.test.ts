import { describe, expect, test } from 'vitest';
import { applyPatches, isApplied, PATCHES } from '../../../src/kafka/patches/patches.ts';
import { kafkajsVersion, type KafkajsPatch } from '../../../src/kafka/patches/patch.ts';

function patch(apply: () => string | null): KafkajsPatch {
  return { name: 'test', versions: ['1.0.0', '1.0.1'], without: 'it is slower', apply };
}

function recordedLog() {
  const lines: unknown[] = [];
  return { lines, log: { warn: (facts: object) => void lines.push(facts) } };
}

const unapplied = patch(() => {
  throw new Error('applied');
});

describe('given patches', () => {
  test('when one finds its version and its shape, then it is applied once, and nothing is said', () => {
    let times = 0;
    const one = patch(() => {
      times += 1;
      return null;
    });
    const { lines, log } = recordedLog();
    expect(isApplied(one)).toBe(false);
    applyPatches({ log }, [one], '1.0.1');
    applyPatches({ log }, [one], '1.0.1');
    expect([isApplied(one), times, lines]).toEqual([true, 1, []]);
  });

  test.each([
    ['the version is another one', unapplied, '2.0.0', 'it is for 1.0.0, 1.0.1'],
    ['the shape is another one', patch(() => 'no such method'), '1.0.0', 'no such method'],
    ['looking at it fails', unapplied, '1.0.0', 'Error: applied'],
  ])('when %s, then it stands aside and says so once', (_what, { apply }, version, reason) => {
    const one = patch(apply);
    const { lines, log } = recordedLog();
    applyPatches({ log }, [one], version);
    applyPatches({ log }, [one], version);
    expect(isApplied(one)).toBe(false);
    expect(lines).toEqual([{ patch: 'test', kafkajsVersion: version, reason, effect: 'it is slower' }]);
  });

  test('when they are applied to the kafkajs that is installed, then all are', () => {
    const { lines, log } = recordedLog();
    applyPatches({ log });
    expect(lines).toEqual([]);
    expect(PATCHES.every(isApplied)).toBe(true);
    for (const { versions } of PATCHES) expect(versions).toContain(kafkajsVersion());
  });
});
