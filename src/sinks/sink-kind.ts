import type { z } from 'zod';
import type { Judge } from '../config/setting/judge.ts';
import type { Reload } from '../config/setting/setting.ts';

/** What a user may set of one kind of destination. Light: nothing here loads what reaches the destination. */
export interface SinkSettings {
  /** Its section of the configuration, by name. */
  readonly sections: Readonly<Record<string, z.ZodObject>>;
  /** Its keys in the section `sink`. */
  readonly sinkKeys: Readonly<Record<string, z.ZodType>>;
  /** What a change of each of those keys needs. */
  readonly reload: Readonly<Record<string, Reload>>;
  /**
   * Its part of the configuration, by name: complete, with secrets read and paths absolute. Reports what is missing for a
   * sink of this kind, and what would be ignored. Of the settings it takes what it asks for.
   */
  resolve(judge: Judge, settings: object): object;
}

/** A kind of destination: a row of `SINK_KINDS`. */
export interface SinkKind {
  /** Where records go, for the README. */
  readonly description: string;
  readonly settings: SinkSettings;
  /** Where its ledger of open spans is: in a topic of Kafka's, or in a folder. */
  readonly ledger: 'topic' | 'path';
  /** Every cause that its faults may have, for the metrics. */
  readonly faultCauses: readonly string[];
}
