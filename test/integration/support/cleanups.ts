import type { Cleanup } from './sidecar-process.ts';

/** Things to undo once the tests of a file are over, the newest first. */
export function createCleanups(): { readonly add: Cleanup; run(): Promise<void> } {
  const cleanups: (() => void | Promise<void>)[] = [];
  return {
    add: (run) => void cleanups.push(run),
    async run() {
      for (const undo of cleanups.splice(0).reverse()) await undo();
    },
  };
}
