interface ErrorMeaning {
  readonly meaning: string;
  /** Why it most likely happened. */
  readonly cause: string;
  /** What a person does about it, where the message says nothing more exact. */
  readonly remedy: string;
}

/** Every code that a {@link RainbowError} may have. docs/troubleshooting.md is written from these rows. */
export const ERROR_CODES = {
  API_FAILED: {
    meaning: 'The API of a running sidecar gave no answer, or another one than was expected.',
    cause:
      'The sidecar does not run there, the URL or the port is another, or the token or certificate is wrong.',
    remedy: 'Check the URL, the token and the certificates that `top` is given.',
  },
  API_UNKNOWN_GROUP: {
    meaning: 'The sidecar does not follow the group that was asked for.',
    cause: 'The group has ended, or a filter of `discovery` leaves it out.',
    remedy: 'Look for the group in the list again.',
  },
  BURROW_ANSWER: {
    meaning:
      'An answer of Burrow breaks its contract. The outcome of the request says so; the poll is left out.',
    cause: 'The address leads to something other than Burrow, or a proxy changes the answer.',
    remedy: 'Check that `burrow.servers` points at Burrow itself.',
  },
  BURROW_TIMEOUT: {
    meaning: "Burrow's answer was not complete at the deadline. The outcome of the request says so.",
    cause: 'Burrow is overloaded, or its answer is large and `burrow.timeout` short.',
    remedy: 'See whether that Burrow keeps up, or raise `burrow.timeout`.',
  },
  BURROW_TLS: {
    meaning: 'A certificate, key or authority for a Burrow server cannot be used.',
    cause: 'A file of `burrow.servers[].tls` is not PEM, is encrypted, or belongs to another certificate.',
    remedy: 'Check the files in `burrow.servers[].tls`: they must be PEM, and belong together.',
  },
  BURROW_URL: {
    meaning: 'The address of a Burrow server is not a URL that can be polled.',
    cause: 'A host or a scheme is missing in `burrow.servers`.',
    remedy: 'Write it as `http://host:8000`.',
  },
  HTTP_LISTEN: {
    meaning: 'The HTTP server cannot listen on its address and port.',
    cause: 'Another process uses the port, or the address is not one of this machine.',
    remedy: 'Free the port, or change `http.host` or `http.port`.',
  },
  KAFKA_ANSWER: {
    meaning: "The brokers' answer does not name the partition that was written to.",
    cause: 'A broker or a proxy before it has answered incompletely.',
    remedy: 'None: it is sent again.',
  },
  KAFKA_COMPRESSION: {
    meaning: 'This Node or this platform cannot compress as configured.',
    cause:
      '`zstd` needs a newer Node; `snappy` and `lz4` need optional packages that this platform may lack.',
    remedy: 'Set `kafka.compression` to `gzip`.',
  },
  KAFKA_NO_PARTITIONS: {
    meaning: 'The topic has no partitions.',
    cause: 'The topic is being deleted, or this user may not see it.',
    remedy: 'Check `kafka.topic` at the brokers.',
  },
  KAFKA_PRODUCER_SPENT: {
    meaning:
      'A producer was given another batch before it was known whether the one before had been written.',
    cause: 'An answer of a broker was lost; sending again with the same producer could lose records.',
    remedy: 'None: a new producer sends it.',
  },
  KAFKA_SILENT: {
    meaning: 'The brokers have not answered a reader of the topic for a long time.',
    cause: 'A broker hangs, or a firewall drops packets.',
    remedy: 'None: it connects again.',
  },
  KAFKA_TOKEN_ENDPOINT: {
    meaning: 'The token endpoint gave no token for the login at the brokers.',
    cause: 'The endpoint is down, or the client id, its secret or the scope is wrong.',
    remedy: 'Check `kafka.sasl.tokenEndpoint` and the keys beside it, as the message says.',
  },
  KAFKA_TOKEN_REFUSED: {
    meaning: 'The brokers refused the token that they were given.',
    cause: 'The listener expects another audience, issuer or scope, or the clocks differ.',
    remedy: "Check the token's scope and audience, and the settings of the listener.",
  },
  KAFKA_TOPIC_UNREADABLE: {
    meaning: '`tail` cannot read the topic.',
    cause: 'The topic does not exist, or this user may not read it.',
    remedy: 'Do what the message says.',
  },
  LEDGER_TOPIC: {
    meaning: 'The topic of the ledger is missing and cannot be created.',
    cause: 'The user has no right to create topics, or a policy of the brokers forbids it.',
    remedy: 'Create it with `cleanup.policy=compact`, or let this user create it.',
  },
  LEDGER_UNFINISHED: {
    meaning: 'The end of the topic of the ledger cannot be read yet, because a transaction is open.',
    cause: 'A sidecar was killed in the middle of a transaction.',
    remedy: 'None: the brokers end it within a minute.',
  },
  RELOAD_EARLY: {
    meaning: 'A setting cannot change yet, because the ledger of open spans has not been read.',
    cause: 'SIGHUP came within the first seconds of the process, or the ledger cannot be read.',
    remedy: 'Reload again when `/health-check` reports the ledger as ok.',
  },
  RESTART_NEEDED: {
    meaning: 'A running sidecar cannot take over the new value of a setting.',
    cause: 'Only some keys can change while the sidecar runs.',
    remedy: 'Restart the sidecar.',
  },
  SIMULATOR_LISTEN: {
    meaning: 'The simulated Burrow cannot listen on its port.',
    cause: 'Another process uses the port.',
    remedy: 'Choose another port, or 0 for a free one.',
  },
  START_LATE: {
    meaning: 'A start that was cancelled did not end in time.',
    cause: 'A broker or a disk did not answer while the sidecar was being stopped during its start.',
    remedy: 'Read the log for what it waited for; raise `stop.deadline` if it was only slow.',
  },
  STOP_FAILED: {
    meaning: 'A part of the sidecar did not stop cleanly.',
    cause: 'A disk or a connection failed while it was being closed.',
    remedy: 'Read the cause.',
  },
  STOP_LATE: {
    meaning: 'The stop did not end before its deadline.',
    cause: 'The destination took records too slowly, or not at all, while the sidecar stopped.',
    remedy: 'Raise `stop.deadline`, and let whatever kills the process wait longer.',
  },
  STORE_CORRUPT: {
    meaning: 'The data in a folder on disk is damaged.',
    cause: 'The machine crashed, the disk is failing, or somebody changed files in the folder.',
    remedy: 'None for the outbox and the ledger: it is moved aside and a new one begins.',
  },
  STORE_DENIED: {
    meaning: 'A folder on disk must not be read or written by this user.',
    cause: 'The folder belongs to another user; the image runs as user 10001.',
    remedy: 'Let the user of this process write there.',
  },
  STORE_FAILED: {
    meaning: 'A folder on disk cannot be read or written.',
    cause: 'The disk or its file system has a fault.',
    remedy: 'Read the cause.',
  },
  STORE_FULL: {
    meaning: 'The disk is full.',
    cause: 'Something else fills the disk, or `outbox.disk.max` is larger than the volume.',
    remedy: 'Free some space.',
  },
  STORE_HUNG: {
    meaning: 'The disk does not answer.',
    cause: 'A network file system has lost its server, or the disk is failing.',
    remedy: 'Check the disk or the network file system, or choose another path.',
  },
  STORE_LOCKED: {
    meaning: 'Another process uses the folder.',
    cause: 'Two sidecars have the same path, or the former process still runs.',
    remedy: 'Give each process its own.',
  },
  STORE_NO_FOLDER: {
    meaning: 'The folder above does not exist, or is not a folder.',
    cause: 'The volume is not mounted, or the path has a typing error.',
    remedy: 'Create it, or choose another path.',
  },
  STORE_READ_ONLY: {
    meaning: 'The file system is read-only.',
    cause: 'The volume is mounted read-only, or the path lies in the read-only root of the container.',
    remedy: 'Choose another path.',
  },
  TCP_CLOSED: {
    meaning: 'A server has closed the connection that records go over.',
    cause: 'The server has stopped, or it refuses the lines.',
    remedy: 'Read the log of that server.',
  },
  TCP_SILENT: {
    meaning: 'A server that records go to has not answered, or has made no room for them, in time.',
    cause: 'The server hangs or is overloaded, or a firewall drops packets.',
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
