import type { NoticeWord } from '../../http/api/contract/group.ts';
import { Age, TimeOfDay } from '../view/moment.tsx';
import { NameText } from '../view/name-text.tsx';

/** The last event of Burrow's notifier about the group. */
export function NoticeLine({
  notice,
  nowMs,
}: {
  readonly notice: NoticeWord | null;
  readonly nowMs: number;
}) {
  if (notice === null)
    return <p class="notice quiet">Burrow’s notifier has said nothing about this group since the start.</p>;
  const { event, id, status, atMs } = notice;
  return (
    <p class={`notice notice-${event}`}>
      Burrow’s notifier <strong>{event === 'open' ? 'opened' : 'closed'}</strong> an incident
      {status !== null && (
        <>
          {' '}
          with status{' '}
          <strong>
            <NameText name={status} mostCharacters={40} />
          </strong>
        </>
      )}{' '}
      <Age atMs={atMs} nowMs={nowMs} />{' '}
      <span class="quiet">
        (<TimeOfDay atMs={atMs} />
        {id !== null && (
          <>
            , <NameText name={id} mostCharacters={60} />
          </>
        )}
        )
      </span>
    </p>
  );
}
