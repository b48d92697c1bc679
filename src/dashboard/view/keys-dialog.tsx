import { useEffect, useRef } from 'preact/hooks';

const KEYS: readonly { readonly place: string; readonly keys: readonly (readonly [string, string])[] }[] = [
  {
    place: 'Everywhere',
    keys: [
      ['?', 'Show these keys'],
      ['Tab', 'Go to the next link, button or field'],
    ],
  },
  {
    place: 'Overview',
    keys: [
      ['/', 'Search'],
      ['Esc', 'Empty the search and leave it'],
      ['↓ ↑', 'Move on the list; it holds its order meanwhile'],
      ['PgDn PgUp Home End', 'Move further'],
      ['Enter', 'Open the group'],
      ['Esc', 'Leave the list; its order goes on'],
    ],
  },
  { place: 'Group', keys: [['Esc', 'Go back to the overview']] },
];

/** A button, and the key `?`, that show the keys of the pages. */
export function KeysDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const show = (): void => {
    if (dialog.current?.open === false) dialog.current.showModal();
  };
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      const isTyping = document.activeElement instanceof HTMLInputElement;
      if (event.key !== '?' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      show();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);
  return (
    <>
      <button type="button" class="plain" aria-label="Keys" title="Keys (?)" onClick={show}>
        <span aria-hidden="true">?</span>
      </button>
      <dialog
        ref={dialog}
        class="keys"
        aria-labelledby="keys-heading"
        // A click beside the text keeps the focus in here, and the keys of the page below do nothing.
        tabIndex={-1}
        onKeyDown={(event) => event.stopPropagation()}
      >
        <div class="keys-head">
          <h2 id="keys-heading">Keys</h2>
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        {KEYS.map(({ place, keys }) => (
          <section key={place}>
            <h3>{place}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={words}>
                  <dt>
                    {key.split(' ').map((each) => (
                      <kbd key={each}>{each}</kbd>
                    ))}
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </dialog>
    </>
  );
}
