/** What a colour of colours.css is in the theme of now: a canvas knows no variables. */
export function themeColour(name: `--${string}`): string {
  const probe = document.createElement('i');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
