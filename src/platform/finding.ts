/** One line of `check`. */
export interface Finding {
  /** False: `run` would not do its work. */
  readonly ok: boolean;
  /** `run` does its work, and yet a person should look at it. */
  readonly isWarning?: true;
  readonly subject: string;
  /** What was found, and where it is wrong, what to change. */
  readonly message: string;
}
