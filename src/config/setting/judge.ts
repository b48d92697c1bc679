import type { SettingPath } from './setting.ts';

/** What checks across keys need: where values came from, the files they name, and a place for faults. */
export interface Judge {
  /** Notes a fault, unless one of the keys it is about is faulty already and its value is not what the user meant. */
  report(path: SettingPath, rule: string, hint?: string, ...about: readonly SettingPath[]): void;
  /** True where the user gave a value. */
  isSet(path: SettingPath): boolean;
  /** The absolute path that a value means: relative to the configuration file that names it, else to the working directory. */
  locate(path: SettingPath, given: string): string;
  /** A file that a value names; null, and a fault, where it cannot be read. */
  read(path: SettingPath, given: string): string | null;
}
