import type { LiveData } from '../live/live-data.ts';
import { NameText } from './name-text.tsx';

/** What is not well with the sidecar itself, and what to do. */
export function HealthBanner({ live }: { readonly live: LiveData }) {
  const health = live.overview.value?.health;
  if (health === undefined) return null;
  const unwell = health.parts.filter(({ status }) => status !== 'ok');
  if (unwell.length === 0 && health.phase === 'running') return null;
  const isGrave = unwell.some(({ status }) => status === 'unavailable');
  return (
    <div class={`banner ${isGrave ? 'banner-err' : 'banner-warn'}`} role="status">
      {health.phase !== 'running' && <strong>The sidecar is {health.phase}.</strong>}
      <ul>
        {unwell.map(({ name, status, reason }) => (
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
