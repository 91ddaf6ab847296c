// What is told of a failure, which a log has to be enough to explain.
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from './workbench.mjs';

const PARTS = {
  tabs: '.tabs-container .tab',
  editor: '.editor-instance .view-lines',
  'quick input': '.quick-input-widget',
  actions: '.action-widget',
  hover: '.monaco-hover',
  notifications: '.notification-list-item',
  dialog: '.monaco-dialog-box',
  panel: '.part.panel',
  status: '.part.statusbar',
};
const PATIENCE = 10_000; // milliseconds; the window may hang, or be gone

/**
 * An error that says what was done in a window and is seen in it, in words and as a file; the window
 * is closed.
 */
export async function seenIn(window, error) {
  const { page } = window;
  const picture = path.join(ROOT, 'build/vscode/failures', `${Date.now()}.png`);
  const words = await inTime(page.evaluate(inDocument, PARTS), 'nothing: the window does not answer');
  await inTime(page.screenshot({ path: picture }));
  const frames = await Promise.all(page.frames().slice(1).map((frame) => inTime(headings(frame), 'no answer')));
  await inTime(page.close());
  const steps = window.steps.slice(-8).join('; ');
  error.message += `\nwhat was done: ${steps}\nwhat is seen:\n${words}\nframes: ${JSON.stringify(frames)}\n(as ${picture})`;
  return error;
}

/** What comes within the patience, or something else. */
async function inTime(promise, otherwise) {
  const late = setTimeout(PATIENCE, otherwise, { ref: false });
  return Promise.race([promise.catch((error) => `${otherwise} (${error.message})`), late]);
}

function headings(frame) {
  return frame.evaluate(() => [...document.querySelectorAll('h1')].map((each) => each.innerText).join(', '));
}

/** Runs in the page: the texts of its parts that are visible, and where the focus is. */
function inDocument(parts) {
  const said = Object.entries(parts).flatMap(([name, selector]) =>
    [...document.querySelectorAll(selector)]
      .filter((each) => each.checkVisibility() && each.innerText.trim())
      .map((each) => `${name}${each.matches('.active') ? ' (active)' : ''}: ${each.innerText.trim()}`),
  );
  const focus = document.activeElement;
  const around = focus?.closest('[id], .monaco-editor, .monaco-list');
  const underlined = document.querySelectorAll('.squiggly-error, .squiggly-warning').length;
  return [
    ...said,
    `underlined: ${underlined}`,
    `focus: ${focus?.tagName} .${focus?.className} ${focus?.getAttribute('aria-label') ?? ''} in ${around?.id || around?.className}`,
  ].join('\n');
}
