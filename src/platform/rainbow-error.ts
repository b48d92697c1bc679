interface ErrorMeaning {
  readonly meaning: string;
  /** What a person does about it, where the message says nothing more exact. */
  readonly remedy: string;
}

/** Every code that a {@link RainbowError} may have. The README's table is held against this one by a test. */
export const ERROR_CODES = {
  API_FAILED: {
    meaning: 'The API of a running sidecar gave no answer, or another one than was expected.',
    remedy: 'Check the URL, the token and the certificates that `top` is given.',
  },
  API_UNKNOWN_GROUP: {
    meaning: 'The sidecar does not follow the group that was asked for.',
    remedy: 'Look for the group in the list again.',
  },
  HTTP_LISTEN: {
    meaning: 'The HTTP server cannot listen on its address and port.',
    remedy: 'Free the port, or change `http.host` or `http.port`.',
  },
  KAFKA_PRODUCER_SPENT: {
    meaning:
      'A producer was given another batch before it was known whether the one before had been written.',
    remedy: 'None: a new producer sends it.',
  },
  KAFKA_TOKEN_ENDPOINT: {
    meaning: 'The token endpoint gave no token for the login at the brokers.',
    remedy: 'Check `kafka.sasl.tokenEndpoint` and its neighbours, as the message says.',
  },
  KAFKA_TOKEN_REFUSED: {
    meaning: 'The brokers refused the token that they were given.',
    remedy: "Check the token's scope and audience, and the settings of the listener.",
  },
  KAFKA_TOPIC_UNREADABLE: {
    meaning: '`tail` cannot read the topic.',
    remedy: 'Do what the message says.',
  },
  LEDGER_TOPIC: {
    meaning: 'The topic of the ledger is missing and cannot be created.',
    remedy: 'Create it with `cleanup.policy=compact`, or let this user create it.',
  },
  LEDGER_UNFINISHED: {
    meaning: 'The end of the topic of the ledger cannot be read yet, because a transaction is open.',
    remedy: 'None: the brokers end it within a minute.',
  },
  RESTART_NEEDED: {
    meaning: 'A running sidecar cannot take over the new value of a setting.',
    remedy: 'Restart the sidecar.',
  },
  START_LATE: {
    meaning: 'A start that was cancelled did not end in time.',
    remedy: 'Read the log for what it waited for; raise `stop.deadline` if it was only slow.',
  },
  STOP_FAILED: {
    meaning: 'A part of the sidecar did not stop cleanly.',
    remedy: 'Read the cause.',
  },
  STOP_LATE: {
    meaning: 'The stop was not done at its deadline.',
    remedy: 'Raise `stop.deadline`, and what kills the process must wait longer.',
  },
  TCP_CLOSED: {
    meaning: 'A server has closed the connection that records go over.',
    remedy: 'Read the log of that server.',
  },
  TCP_SILENT: {
    meaning: 'A server that records go to has not answered, or has made no room for them, in time.',
    remedy: 'See whether that server hangs or is overloaded, and check the network.',
  },
} as const satisfies Readonly<Record<string, ErrorMeaning>>;

export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * Every error that is not a programmer's mistake. Callers tell errors apart by `code`, never by their names or messages.
 * The message says what happened, and after a colon what to do where the thrower knows that better than the table.
 */
export class RainbowError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'RainbowError';
  readonly code: Code;
  readonly remedy: string;

  constructor(
    code: Code,
    what: string,
    { remedy, cause }: { readonly remedy?: string | undefined; readonly cause?: unknown } = {},
  ) {
    super(remedy === undefined ? what : `${what}: ${remedy}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy ?? ERROR_CODES[code].remedy;
  }
}

/** Whether something thrown is a {@link RainbowError} with one of these codes. */
export function hasCode<Code extends ErrorCode>(
  error: unknown,
  ...codes: readonly Code[]
): error is RainbowError<Code> {
  return error instanceof RainbowError && codes.some((code) => code === error.code);
}
