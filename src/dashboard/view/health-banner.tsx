import type { LiveData } from '../live/live-data.ts';
import { NameText } from './name-text.tsx';

/** Which parts of the sidecar are not healthy, and what to do. */
export function HealthBanner({ live }: { readonly live: LiveData }) {
  const health = live.overview.value?.health;
  if (health === undefined) return null;
  const unhealthy = health.parts.filter(({ status }) => status !== 'ok');
  if (unhealthy.length === 0 && health.phase === 'running') return null;
  const isUnavailable = unhealthy.some(({ status }) => status === 'unavailable');
  return (
    <div class={`banner ${isUnavailable ? 'banner-err' : 'banner-warn'}`} role="status">
      {health.phase !== 'running' && <strong>The sidecar is {health.phase}.</strong>}
      <ul>
        {unhealthy.map(({ name, status, reason }) => (
          <li key={name}>
            <strong>
              <NameText name={name} /> {status}.
            </strong>{' '}
            {reason === undefined ? '' : <NameText name={reason} mostCharacters={600} />}
          </li>
        ))}
      </ul>
    </div>
  );
}
