import { createRequire } from 'node:module';

/** One thing that we change in kafkajs, in the process's only copy of it. */
export interface KafkajsPatch {
  readonly name: string;
  /** The versions of kafkajs that it was made for and tested with. */
  readonly versions: readonly string[];
  /** What is worse where it is not applied. A clause, for the log. */
  readonly without: string;
  /**
   * Checks the shape of what it relies on, and applies itself. Returns null when it is applied, else why not: kafkajs is
   * then as it was. May throw, which means the same.
   */
  readonly apply: () => string | null;
}

/** Loads a file of kafkajs that is not part of its interface; throws where there is none. */
export const loadInternal: (path: string) => unknown = (() => {
  const require = createRequire(import.meta.url);
  return (path) => require(`kafkajs/${path}`) as unknown;
})();

/** The version of kafkajs that is installed. */
export function kafkajsVersion(): string {
  return (loadInternal('package.json') as { readonly version: string }).version;
}

/** Whether a prototype or an object has these methods, each with so many declared parameters. */
export function hasMethods(holder: object | undefined, arities: Readonly<Record<string, number>>): boolean {
  return Object.entries(arities).every(([name, arity]) => {
    const method: unknown = (holder as Readonly<Record<string, unknown>> | undefined)?.[name];
    return typeof method === 'function' && method.length === arity;
  });
}
