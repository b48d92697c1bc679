import type { Page } from 'playwright-core';

/**
 * What a reader cannot read, since its place is too narrow: cells, figures and times that are cut off, and tables with
 * columns beyond their frame. Names are left out: long ones are shortened, and are whole when the pointer is on them.
 */
export async function clippedTexts(page: Page): Promise<readonly string[]> {
  // A text, since this runs in the page, whose types are not known here.
  return page.evaluate<readonly string[]>(`
    [...document.querySelectorAll('main :is(td, th, dt, dd, p, time, button, .status, figcaption, .table-scroller)')]
      .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
      .filter((element) => element.matches('.table-scroller') || element.querySelector('.name') === null)
      .map((element) => element.tagName + ' ' + element.className + ': ' + element.textContent.slice(0, 60))
  `);
}
