import { readdirSync, readFileSync } from 'node:fs';

/** One whole answer of a real Burrow, as `test/stack/record-answers.ts` has written it down. */
export interface Recording {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The Burrows that were recorded: the oldest that is met in the field, and the newest. */
export const RECORDED_VERSIONS = ['1.2.1', '1.9.5'] as const;

export type RecordedVersion = (typeof RECORDED_VERSIONS)[number];

/** All that this Burrow answered, by the name of the recording. */
export function readRecordings(version: RecordedVersion): ReadonlyMap<string, Recording> {
  const folder = new URL(`../stack/answers-${version}/`, import.meta.url);
  return new Map(
    readdirSync(folder)
      .sort()
      .map((file) => [
        file.replace('.json', ''),
        JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Recording,
      ]),
  );
}
