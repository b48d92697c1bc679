/** For a test process: kafkajs says that it is a version which no patch knows, so that all of them stand aside. */
import { afterAll, expect } from 'vitest';
import { loadInternal } from '../../src/kafka/patches/patch.ts';
import { isApplied, PATCHES } from '../../src/kafka/patches/patches.ts';

(loadInternal('package.json') as { version: string }).version = '0.0.0-unknown';

afterAll(() => {
  expect(PATCHES.filter(isApplied)).toEqual([]);
});
