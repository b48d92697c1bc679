import type { GroupLag, TopicOffsets } from './answers.ts';
import type { Outcome } from './outcome.ts';

/**
 * One Burrow server. No method ever throws or rejects; `signal` cancels (outcome `unreachable`). A name that is not
 * `isAddressable` is `invalid`, and nothing is sent.
 */
export interface BurrowClient {
  /** What the configuration calls it, or host:port; never holds credentials. */
  readonly name: string;
  /** `GET /v3/kafka` */
  clusters(signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  /** `GET /v3/kafka/{cluster}/consumer` */
  groups(cluster: string, signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  /** `GET /v3/kafka/{cluster}/topic` */
  topics(cluster: string, signal: AbortSignal): Promise<Outcome<readonly string[]>>;
  /** `GET /v3/kafka/{cluster}/consumer/{group}/lag` */
  groupLag(cluster: string, group: string, signal: AbortSignal): Promise<Outcome<GroupLag>>;
  /** `GET /v3/kafka/{cluster}/topic/{topic}` */
  topicOffsets(cluster: string, topic: string, signal: AbortSignal): Promise<Outcome<TopicOffsets>>;
  /** Closes the connections; requests in flight end as `unreachable`. */
  close(): Promise<void>;
}
