import { useRef } from 'preact/hooks';

/**
 * Asks for the token where the API needs one.
 *
 * @param props.isRefused the API did not accept the token
 */
export function TokenForm({
  isRefused,
  onToken,
}: {
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  return (
    <main class="page page-narrow" id="main">
      <h1 tabIndex={-1}>This sidecar asks for a token</h1>
      <p>
        It is the content of the file that <code>http.tokenFile</code> names. This tab keeps it until you
        close it.
      </p>
      <form
        class="token-form"
        onSubmit={(event) => {
          event.preventDefault();
          const token = field.current?.value.trim() ?? '';
          if (token !== '') onToken(token);
        }}
      >
        <label for="token">Token</label>
        <input
          id="token"
          ref={field}
          type="password"
          autocomplete="off"
          spellcheck={false}
          aria-describedby="token-reason"
        />
        <button type="submit">Show the dashboard</button>
      </form>
      <p id="token-reason" class="bad" role="status">
        {isRefused
          ? 'The sidecar does not take this token. Check that it is the whole content of the file, and the file of this sidecar.'
          : ''}
      </p>
    </main>
  );
}
