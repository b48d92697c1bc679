import type { LiveData } from '../live/live-data.ts';
import { Since, TimeOfDay } from './moment.tsx';

/** The state of the connection to the sidecar, beside a dot. */
export function ConnectionSign({ live }: { readonly live: LiveData }) {
  const { state } = live.connection.value;
  const words = { connecting: 'connecting…', live: 'live', lost: 'connection lost', refused: 'token needed' };
  return (
    <span class={`connection connection-${state}`} role="status">
      <i aria-hidden="true" />
      {words[state]}
    </span>
  );
}

/** Since when the page is out of date, while the connection is lost; and that it is, while no snapshot can be had. */
export function ConnectionBanner({ live }: { readonly live: LiveData }) {
  const connection = live.connection.value;
  const trouble = live.trouble.value;
  if (connection.state === 'live' && trouble !== null) {
    return (
      <p class="banner banner-err" role="alert">
        <strong>The groups cannot be loaded.</strong> {trouble.message}; trying again.
      </p>
    );
  }
  if (connection.state !== 'lost') return null;
  const readerMs = live.readerMs.value;
  const { lastHeardMs, reason, retryAtMs } = connection;
  const waitSeconds = Math.max(0, Math.round((retryAtMs - readerMs) / 1000));
  return (
    <section class="banner banner-err" aria-label="Connection">
      {/* A screen reader says this once: the counting text is outside. */}
      <strong role="alert">
        Connection lost.{' '}
        {lastHeardMs === null ? (
          'The sidecar does not answer.'
        ) : (
          <>
            What you see is from <TimeOfDay atMs={lastHeardMs} />.
          </>
        )}
      </strong>
      <span>
        {lastHeardMs !== null && (
          <>
            The sidecar has not answered for <Since sinceMs={lastHeardMs} nowMs={readerMs} />;{' '}
          </>
        )}
        {reason}; {waitSeconds === 0 ? 'trying again…' : `trying again in ${waitSeconds}\u202fs`}
      </span>
      <button type="button" onClick={() => live.retry()}>
        Try now
      </button>
    </section>
  );
}
