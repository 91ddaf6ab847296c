// A Chromium with windows of VS Code.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { seenIn } from './seen.mjs';
import { Window } from './window.mjs';
import { ROOT } from './workbench.mjs';

const require = createRequire(path.join(ROOT, 'editors/vscode/package.json'));
const { chromium } = require('playwright-core');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];
const AT_ONCE = 10_000; // milliseconds for one click, or one look: what takes longer is done again
const LOADED = 60_000; // milliseconds for a workbench to load before it is loaded again

/** Start the Chromium of this machine, of which one without windows of its own is at work for less. */
export function launch() {
  const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];
  const found = names.map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }));
  const executablePath = found.map((each) => each.stdout.trim()).find(Boolean);
  if (!executablePath) throw new Error('The tests in VS Code need Chromium: apt-get install chromium-headless-shell');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Open a window on a folder or a .code-workspace; the rest are pairs of VS Code's own, such as what file to show. */
export async function open(browser, workbench, folder, payload = [], size = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800, ...size } });
  page.setDefaultTimeout(AT_ONCE);
  page.setDefaultNavigationTimeout(LOADED);
  const asked = new Set();
  page.on('request', (request) => asked.add(new URL(request.url()).hostname));
  const remote = `vscode-remote://127.0.0.1:${workbench.port}`;
  const pairs = payload.map(([key, value]) => [key, value.startsWith('/') ? remote + value : value]);
  const what = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const query = new URLSearchParams({ [what]: folder, payload: JSON.stringify(pairs) });
  return { page, window: new Window(page, asked), url: `${workbench.url}/?${query}` };
}

/** Open a window and wait for its editor. */
export async function show(browser, workbench, folder, payload, size) {
  const { page, window, url } = await open(browser, workbench, folder, payload, size);
  try {
    const editor = window.editor.locator('.view-line').first();
    await window.done('an editor is shown', () => page.goto(url), () => editor.isVisible(), LOADED);
  } catch (error) {
    throw await seenIn(window, error);
  }
  return { window, page };
}

/** Open a window, do something in it and close it; a failure says what was seen in it. */
export async function within(browser, workbench, folder, payload, act) {
  const { window, page } = await show(browser, workbench, folder, payload);
  await act(window, page).catch(async (error) => {
    throw await seenIn(window, error);
  });
  await page.close();
}
