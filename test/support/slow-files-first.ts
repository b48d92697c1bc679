import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long, mostly waiting, the longest first. One that is not named here merely begins later. */
const SLOW = [
  'image/image',
  'faults/kafka-brokers',
  'faults/sidecar-signals',
  'integration/sidecar-notifier',
  'integration/sidecar-series',
  'browser/pages',
  'integration/reload',
  'integration/process-signals',
  'faults/burrow-answers',
  'faults/burrow-lists',
  'faults/kafka-topics',
  'faults/sidecar-crash',
  'faults/burrow-outages',
  'outbox/damaged-store',
  'bench/smoke',
  'cli',
  'http/slow-clients',
  'http/connection-bound',
  'burrow/hostile-sizes',
].map((name) => `/test/${name}.test.ts`);

/**
 * Begins with what takes longest, so that it does not run alone at the end; then come the other files with servers, and
 * last the unit tests, short as they are.
 */
export class SlowFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => placeOf(a) - placeOf(b));
  }
}

function placeOf({ moduleId, project }: TestSpecification): number {
  const slow = SLOW.findIndex((name) => moduleId.endsWith(name));
  if (slow !== -1) return slow;
  return project.name === 'unit' ? SLOW.length + 1 : SLOW.length;
}
