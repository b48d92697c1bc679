/** Shown until the API has answered: that the page is loading, or the error. */
export function Waiting({ error }: { readonly error: Error | null }) {
  return error === null ? (
    <p class="empty" role="status">
      Loading…
    </p>
  ) : (
    <p class="banner banner-err" role="alert">
      {error.message}
    </p>
  );
}
