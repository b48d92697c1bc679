/** How many twin machines stand in each state; index = number of the state in the table. */
export class StateCounts {
  readonly #counts: number[];

  constructor(states: number) {
    this.#counts = new Array<number>(states).fill(0);
  }

  add(state: number, times: number): void {
    this.#counts[state] = (this.#counts[state] ?? 0) + times;
  }

  values(): readonly number[] {
    return this.#counts;
  }
}
