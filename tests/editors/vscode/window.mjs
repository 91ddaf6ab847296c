// A window of VS Code in a Chromium, and what a person does in it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from './workbench.mjs';

const require = createRequire(path.join(ROOT, 'editors/vscode/package.json'));
const { chromium } = require('playwright-core');
const PATIENCE = 30_000; // milliseconds: a loaded machine, not a slow editor
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

/** Start the Chromium of this machine. */
export function launch() {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const found = names.map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }));
  const executablePath = found.map((each) => each.stdout.trim()).find(Boolean);
  if (!executablePath) throw new Error('The tests in VS Code need Chromium: apt-get install chromium');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Open a window on a folder; the rest are pairs of VS Code's own, such as what file to show. */
export async function open(browser, workbench, folder, payload = [], size = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800, ...size } });
  page.setDefaultTimeout(PATIENCE);
  const asked = new Set();
  page.on('request', (request) => asked.add(new URL(request.url()).hostname));
  const remote = `vscode-remote://127.0.0.1:${workbench.port}`;
  const pairs = payload.map(([key, value]) => [key, value.startsWith('/') ? remote + value : value]);
  const query = new URLSearchParams({ folder, payload: JSON.stringify(pairs) });
  return {
    page,
    window: new Window(page, asked),
    ready: () => page.goto(`${workbench.url}/?${query}`),
  };
}

/** What a person sees of a window and does with it. */
export class Window {
  constructor(page, asked) {
    this.page = page;
    this.asked = asked;
    this.editor = page.locator('.editor-instance .monaco-editor').first();
    this.squiggles = page.locator('.squiggly-error, .squiggly-warning');
  }

  /** Anything that was asked of another machine. */
  strangers() {
    return [...this.asked].filter((host) => !['127.0.0.1', ''].includes(host));
  }

  async goTo(line, column = 1) {
    await this.page.keyboard.press('Control+g');
    await this.page.locator('.quick-input-widget input').fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Run a command of the palette. */
  async command(name) {
    await this.page.keyboard.press('F1');
    await this.page.locator('.quick-input-widget input').fill(`>${name}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  async save() {
    await this.page.keyboard.press('Control+s');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** The titles of what is offered at the cursor. */
  async offers() {
    await this.page.keyboard.press('Control+.');
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    await rows.first().waitFor();
    return rows.allInnerTexts();
  }

  /** Choose the first of what `offers` has listed. */
  choose() {
    return this.page.keyboard.press('Enter');
  }

  async squiggled(count) {
    const until = Date.now() + PATIENCE;
    let seen;
    while (Date.now() < until) {
      seen = await this.squiggles.count();
      if (seen === count) return;
      await this.page.waitForTimeout(50);
    }
    throw new Error(`expected ${count} underlined places, saw ${seen}`);
  }
}
