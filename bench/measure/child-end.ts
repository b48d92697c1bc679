/** A question of the runner's to one of its processes; the answer carries the same number. */
export interface AskMessage {
  readonly number: number;
  readonly ask: unknown;
}

export interface AnswerMessage {
  readonly number: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** The child's end: answers every ask, and ends with the runner. Keeps the process alive. */
export function answerAsks(answer: (ask: unknown) => unknown): void {
  process.on('message', (message) => {
    const { number, ask } = message as AskMessage;
    void (async () => {
      try {
        send({ number, answer: await answer(ask) });
      } catch (error) {
        send({ number, error: String(error) });
      }
    })();
  });
  process.on('disconnect', () => process.exit());
}

function send(message: AnswerMessage): void {
  process.send?.(message);
}
