/** What stands where data of the API will: that they are on their way, or why they do not come. */
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
