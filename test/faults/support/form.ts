declare global {
  interface ImportMeta {
    /** What vite knows; here: what `--mode` says. */
    readonly env: { readonly MODE: string };
  }
}

/** `full` where the run was started with `--mode full` (`npm run test:faults`); the short form is part of `npm test`. */
export const form: 'short' | 'full' = import.meta.env.MODE === 'full' ? 'full' : 'short';

/** What this run takes of two: few moves and stops of seconds, or as many and as long as promised. */
export function inForm<T>(choice: { readonly short: T; readonly full: T }): T {
  return choice[form];
}

/** Whether this run takes as long as is promised; where it does not, says what is left out. */
export function isFull(what: string): boolean {
  if (form === 'full') return true;
  console.warn(`Skipped: ${what}, which takes minutes; npm run test:faults has it.`);
  return false;
}
