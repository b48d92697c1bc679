import type { Subject } from '../records/record.ts';
import { shownOwner, UNKNOWN_TAG, type SeriesContext } from './series-options.ts';

/** What the records of one group show of topics, owners and client ids. Records may show two texts alike. */
export class SeriesTags {
  readonly #context: SeriesContext;
  readonly #cluster: string;
  readonly #group: string;

  constructor(context: SeriesContext, cluster: string, group: string) {
    this.#context = context;
    this.#cluster = cluster;
    this.#group = group;
  }

  /** Whether a partition's series are the same with either of two owners and client ids. */
  isSameSeries(owner: string, clientId: string, otherOwner: string, otherClientId: string): boolean {
    const { seriesTags } = this.#context.options;
    return (
      (!seriesTags.owner || this.#lookAlike('owner', owner, otherOwner)) &&
      (!seriesTags.clientId || this.#lookAlike('client_id', clientId, otherClientId))
    );
  }

  topic(topic: string): string {
    return this.#context.showTag('topic', topic);
  }

  /** What the tag of an owner says; undefined where there is none. */
  owner(owner: string): string | undefined {
    return this.#context.options.seriesTags.owner ? shownOwner(this.#context, 'owner', owner) : undefined;
  }

  partition(topic: string, partition: number, owner: string, clientId: string): Subject {
    const { seriesTags } = this.#context.options;
    return {
      kind: 'partition',
      cluster: this.#cluster,
      group: this.#group,
      topic,
      partition,
      ...(seriesTags.owner && { owner: owner || UNKNOWN_TAG }),
      ...(seriesTags.clientId && { clientId: clientId || UNKNOWN_TAG }),
      encoderSlot: null,
    };
  }

  /** @param shown what the tag says; undefined where there is none */
  host(partition: number, shown: string | undefined): Subject {
    return {
      kind: 'host',
      cluster: this.#cluster,
      group: this.#group,
      partition,
      ...(shown !== undefined && { owner: shown }),
      encoderSlot: null,
    };
  }

  /** Whether records show the same of both. */
  #lookAlike(key: 'owner' | 'client_id', text: string, other: string): boolean {
    return text === other || shownOwner(this.#context, key, text) === shownOwner(this.#context, key, other);
  }
}
