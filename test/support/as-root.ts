/** Whether this runs as root, whom no permission stops; says so, because the caller then skips what it names. */
export function skipsAsRoot(what: string): boolean {
  if (process.getuid?.() !== 0) return false;
  console.log(`Skipped, because root may write anywhere: ${what}`);
  return true;
}
