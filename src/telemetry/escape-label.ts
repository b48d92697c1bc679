const NEEDS_ESCAPE = /[\\"\n]/;

/**
 * A label's value with the exposition format's three escapes.
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function escapeLabel(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
