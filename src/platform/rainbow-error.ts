interface ErrorMeaning {
  readonly meaning: string;
  /** What a person does about it, where the message says nothing more exact. */
  readonly remedy: string;
}

/** Every code that a {@link RainbowError} may have. docs/troubleshooting.md is written from these rows. */
export const ERROR_CODES = {
  API_FAILED: {
    meaning: 'The API of a running sidecar gave no answer, or another one than was expected.',
    remedy: 'Check the URL, the token and the certificates that `top` is given.',
  },
  API_UNKNOWN_GROUP: {
    meaning: 'The sidecar does not follow the group that was asked for.',
    remedy: 'Look for the group in the list again.',
  },
  BURROW_ANSWER: {
    meaning:
      'An answer of Burrow breaks its contract. The outcome of the request says so; the poll is left out.',
    remedy: 'Check that `burrow.servers` points at Burrow itself.',
  },
  BURROW_TIMEOUT: {
    meaning: "Burrow's answer was not complete at the deadline. The outcome of the request says so.",
    remedy: 'See whether that Burrow keeps up, or raise `burrow.timeout`.',
  },
  BURROW_TLS: {
    meaning: 'A certificate, key or authority for a Burrow server cannot be used.',
    remedy: 'Check the files in `burrow.servers[].tls`: they must be PEM, and belong together.',
  },
  BURROW_URL: {
    meaning: 'The address of a Burrow server is not a URL that can be polled.',
    remedy: 'Write it as `http://host:8000`.',
  },
  HTTP_LISTEN: {
    meaning: 'The HTTP server cannot listen on its address and port.',
    remedy: 'Free the port, or change `http.host` or `http.port`.',
  },
  KAFKA_ANSWER: {
    meaning: "The brokers' answer does not name the partition that was written to.",
    remedy: 'None: it is sent again.',
  },
  KAFKA_COMPRESSION: {
    meaning: 'This Node or this platform cannot compress as configured.',
    remedy: 'Set `kafka.compression` to `gzip`.',
  },
  KAFKA_NO_PARTITIONS: {
    meaning: 'The topic has no partitions.',
    remedy: 'Check `kafka.topic` at the brokers.',
  },
  KAFKA_PRODUCER_SPENT: {
    meaning:
      'A producer was given another batch before it was known whether the one before had been written.',
    remedy: 'None: a new producer sends it.',
  },
  KAFKA_SILENT: {
    meaning: 'The brokers have not answered a reader of the topic for a long time.',
    remedy: 'None: it connects again.',
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
  RELOAD_EARLY: {
    meaning: 'A setting cannot change yet, because the ledger of open spans has not been read.',
    remedy: 'Reload again when `/health-check` reports the ledger as ok.',
  },
  RESTART_NEEDED: {
    meaning: 'A running sidecar cannot take over the new value of a setting.',
    remedy: 'Restart the sidecar.',
  },
  SIMULATOR_LISTEN: {
    meaning: 'The simulated Burrow cannot listen on its port.',
    remedy: 'Choose another port, or 0 for a free one.',
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
    meaning: 'The stop did not end before its deadline.',
    remedy: 'Raise `stop.deadline`, and let whatever kills the process wait longer.',
  },
  STORE_CORRUPT: {
    meaning: 'The data in a folder on disk is damaged.',
    remedy: 'None for the outbox and the ledger: it is moved aside and a new one begins.',
  },
  STORE_DENIED: {
    meaning: 'A folder on disk must not be read or written by this user.',
    remedy: 'Let the user of this process write there.',
  },
  STORE_FAILED: {
    meaning: 'A folder on disk cannot be read or written.',
    remedy: 'Read the cause.',
  },
  STORE_FULL: {
    meaning: 'The disk is full.',
    remedy: 'Free some space.',
  },
  STORE_HUNG: {
    meaning: 'The disk does not answer.',
    remedy: 'Check the disk or the network file system, or choose another path.',
  },
  STORE_LOCKED: {
    meaning: 'Another process uses the folder.',
    remedy: 'Give each process its own.',
  },
  STORE_NO_FOLDER: {
    meaning: 'The folder above does not exist, or is not a folder.',
    remedy: 'Create it, or choose another path.',
  },
  STORE_READ_ONLY: {
    meaning: 'The file system is read-only.',
    remedy: 'Choose another path.',
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
  override readonly name: string = 'RainbowError';
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
