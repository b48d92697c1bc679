import type { LiveData } from '../live/live-data.ts';
import { formatClock, formatCoarse } from '../words/durations.ts';

/** Says how the page hears from the sidecar, and nothing more than a dot while it works. */
export function ConnectionSign({ live }: { readonly live: LiveData }) {
  const { state } = live.connection.value;
  const words = { connecting: 'connecting…', live: 'live', lost: 'connection lost', refused: 'token wanted' };
  return (
    <span class={`connection connection-${state}`} role="status">
      <i aria-hidden="true" />
      {words[state]}
    </span>
  );
}

/** Since when what is shown is old, while nothing new comes. */
export function ConnectionBanner({ live }: { readonly live: LiveData }) {
  const connection = live.connection.value;
  if (connection.state !== 'lost') return null;
  const readerMs = live.readerMs.value;
  const { lastHeardMs, reason, retryAtMs } = connection;
  const waitSeconds = Math.max(0, Math.round((retryAtMs - readerMs) / 1000));
  return (
    <section class="banner banner-err" aria-label="Connection">
      {/* Said once: what counts on stands outside. */}
      <strong role="alert">
        Connection lost.{' '}
        {lastHeardMs === null
          ? 'The sidecar does not answer.'
          : `What you see is from ${formatClock(lastHeardMs)}.`}
      </strong>
      <span>
        {lastHeardMs !== null &&
          `${formatCoarse(Math.max(0, Math.round((readerMs - lastHeardMs) / 1000)))} ago; `}
        {reason}; {waitSeconds === 0 ? 'trying again…' : `trying again in ${waitSeconds}\u202fs`}
      </span>
      <button type="button" onClick={() => live.retry()}>
        Try now
      </button>
    </section>
  );
}
