// A window of VS Code in a Chromium, and what a person does in it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from './workbench.mjs';

const require = createRequire(path.join(ROOT, 'editors/vscode/package.json'));
const { chromium } = require('playwright-core');
const PATIENCE = Number(process.env.FUMEHOOD_PATIENCE ?? 300_000); // milliseconds: a loaded machine
const ONCE = 30_000; // milliseconds until what was lost, or given up, is done again
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
];

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
  page.setDefaultTimeout(PATIENCE);
  const asked = new Set();
  page.on('request', (request) => asked.add(new URL(request.url()).hostname));
  const remote = `vscode-remote://127.0.0.1:${workbench.port}`;
  const pairs = payload.map(([key, value]) => [key, value.startsWith('/') ? remote + value : value]);
  const what = folder.endsWith('.code-workspace') ? 'workspace' : 'folder';
  const query = new URLSearchParams({ [what]: folder, payload: JSON.stringify(pairs) });
  return { page, window: new Window(page, asked), url: `${workbench.url}/?${query}` };
}

/** Open a window and wait for its editor. */
export async function show(browser, workbench, folder, payload) {
  const { page, window, url } = await open(browser, workbench, folder, payload);
  try {
    await page.goto(url);
    await window.editor.waitFor();
  } catch (error) {
    throw await seenIn(page, error);
  }
  return { window, page };
}

/** An error that says where a picture of the window is; the window is closed. */
export async function seenIn(page, error) {
  const picture = path.join(ROOT, 'build/vscode/failures', `${Date.now()}.png`);
  await page.screenshot({ path: picture }).catch(() => undefined); // it may be gone
  await page.close();
  error.message += `\n(seen in ${picture})`;
  return error;
}

/** Open a window, do something in it and close it; a failure leaves a picture of the window. */
export async function within(browser, workbench, folder, payload, act) {
  const { window, page } = await show(browser, workbench, folder, payload);
  await act(window, page).catch(async (error) => {
    throw await seenIn(page, error);
  });
  await page.close();
}

/** Whether something is seen within so many milliseconds. */
function seen(locator, timeout) {
  return locator.waitFor({ timeout }).then(
    () => true,
    () => false,
  );
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
    // What a page of the documentation loads under the last name, the workbench itself answers.
    const own = /^(127\.0\.0\.1)?$|\.vscode-resource\.vscode-cdn\.net$/;
    return [...this.asked].filter((host) => !own.test(host));
  }

  async goTo(line, column = 1) {
    const input = this.page.locator('.quick-input-widget input');
    // What is pressed before the workbench has all of its commands is lost.
    await this.until('a line is asked for', async () => {
      await this.page.keyboard.press('Control+g');
      return seen(input, ONCE);
    });
    await input.fill(`:${line}:${column}`);
    await this.page.keyboard.press('Enter');
    await this.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  }

  /** Choose from the menu of fumehood's item in the status bar. */
  async fromMenu(name) {
    await this.page.locator('.statusbar-item', { hasText: 'fumehood' }).click();
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name });
    await row.waitFor();
    await this.page.keyboard.type(name);
    await this.page.keyboard.press('Enter');
  }

  /** Wait until the editor shows a text. */
  async changed(words) {
    await this.editor.locator('.view-line', { hasText: words.trim() }).first().waitFor();
  }

  /** Save a file that has changed; what is on the disk then. */
  async save(file) {
    const old = readFileSync(file, 'utf8');
    await this.page.keyboard.press('Control+s');
    await this.until('it is saved', () => ![old, ''].includes(readFileSync(file, 'utf8')));
    return readFileSync(file, 'utf8');
  }

  /** Wait until something is so. */
  async until(what, holds, patience = PATIENCE) {
    const end = Date.now() + patience;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
      await this.page.waitForTimeout(50);
    }
  }

  /** The titles of what is offered at the cursor. */
  offers() {
    return this.listed(() => this.page.keyboard.press('Control+.'));
  }

  /** The same, by the lightbulb of a place. */
  bulb(line, column) {
    // In the margin of the newest VS Code, in the line of the oldest.
    const icons = ['.lightBulbWidget', '[class*="codicon-gutter-lightbulb"]'];
    const bulb = this.page.locator(icons.map((icon) => `${icon}:visible`).join(', ')).first();
    return this.listed(async () => {
      // VS Code asks whether there are any when the cursor moves, and not where an editor is shown again.
      await this.goTo(1);
      await this.goTo(line, column);
      const end = Date.now() + ONCE;
      const click = () => bulb.click({ timeout: 2000 }).then(() => true, () => false);
      await this.until('the lightbulb is clicked', async () => (await click()) || Date.now() > end);
    });
  }

  /** The titles that are listed once one asks for them. */
  async listed(ask) {
    const rows = this.page.locator('.action-widget .monaco-list-row.action');
    // VS Code gives up its question when an extension comes with more actions meanwhile.
    await this.until('actions are offered', async () => {
      await ask();
      return seen(rows.first(), ONCE);
    });
    return rows.allInnerTexts();
  }

  /** Choose from what `offers` has listed, the first by default. */
  async choose(index = 0) {
    for (let step = 0; step < index; step += 1) await this.page.keyboard.press('ArrowDown');
    await this.page.keyboard.press('Enter');
  }

  /** Select what a line says, without its indentation. */
  async select(line) {
    await this.goTo(line);
    await this.page.keyboard.press('End');
    await this.page.keyboard.press('Shift+Home');
  }

  /** What is shown when the mouse rests on the first underlined place. */
  async hover() {
    const shown = this.page.locator('.monaco-hover:not(.hidden)', { hasText: 'only-concurrent-indexes' });
    await this.until('the finding is shown', async () => {
      const box = await this.squiggles.first().boundingBox();
      if (!box) return false; // drawn anew at this moment
      // From afar, so that a hover that was about to close is no longer there.
      await this.page.mouse.move(5, 5);
      await shown.waitFor({ state: 'hidden', timeout: ONCE }).catch(() => undefined);
      await this.page.mouse.move(box.x + 20, box.y + box.height / 2, { steps: 10 });
      return seen(shown, ONCE);
    });
    return shown;
  }

  /** Wait until the panel of problems lists a finding with these words. */
  async problems(words) {
    await this.page.keyboard.press('Control+Shift+m');
    const panel = this.page.locator('.markers-panel-container');
    await this.until('the finding is listed', async () => words.test(await panel.innerText()));
    await this.page.keyboard.press('Control+Shift+m');
    await panel.waitFor({ state: 'hidden' });
    await this.page.keyboard.press('Control+1');
  }

  /** Wait for a page of the documentation by its title; its frame. */
  async preview(title) {
    let found;
    await this.until(`the page ${title} is shown`, async () => {
      for (const frame of this.page.frames()) {
        const heading = frame.locator('h1', { hasText: title });
        if (await heading.isVisible().catch(() => false)) found = frame;
      }
      return found;
    });
    return found;
  }

  /** Close the tab in front; the editor behind it has the focus then. */
  async closeTab() {
    const tabs = this.page.locator('.tabs-container .tab');
    const count = await tabs.count();
    await this.page.keyboard.press('Control+w');
    await this.until('the tab is closed', async () => (await tabs.count()) === count - 1);
    await this.editor.locator('.view-lines').waitFor();
  }

  /** Wait for a message, in the list of them where it does not pop up; what it is shown in. */
  async notification(words) {
    const said = this.page.locator('.notification-list-item', { hasText: words });
    await this.until(`the message is shown: ${words}`, async () => {
      if (await said.first().isVisible()) return true;
      if (await this.page.locator('[id="status.notifications"] .codicon-bell-dot').isVisible())
        await this.page.locator('[id="status.notifications"]').click();
      return false;
    });
    return said.first();
  }

  squiggled(count, patience = PATIENCE) {
    const what = `${count} places are underlined`;
    return this.until(what, async () => (await this.squiggles.count()) === count, patience);
  }
}
