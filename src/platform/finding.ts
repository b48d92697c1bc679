/** One line of `check`. */
export interface Finding {
  /** `warn`: `run` does its work, and yet a person should look at it. `fail`: `run` would not do its work. */
  readonly verdict: 'ok' | 'warn' | 'fail';
  readonly subject: string;
  /** What was found, and where it is wrong, what to change. */
  readonly message: string;
}

export function found(verdict: Finding['verdict'], subject: string, message: string): Finding {
  return { verdict, subject, message };
}
