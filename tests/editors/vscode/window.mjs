// What a person sees of a window of VS Code, and does in it.
import { readFileSync } from 'node:fs';
import { AGAIN, PATIENCE, Steps } from './steps.mjs';

const SETTLED = 200; // milliseconds for which a list that is complete does not change

/** What a person sees of a window and does with it. */
export class Window extends Steps {
  constructor(page, asked) {
    super(page);
    this.asked = asked;
    this.editor = page.locator('.editor-instance .monaco-editor').first();
    this.squiggles = page.locator('.squiggly-error, .squiggly-warning');
    this.input = page.locator('.quick-input-widget input.input').first();
    this.actions = page.locator('.action-widget .monaco-list-row.action');
    this.pages = page.locator('.tabs-container .tab', { hasText: '.md' });
  }

  /** Anything that was asked of another machine. */
  strangers() {
    // What a page of the documentation loads under the last name, the workbench itself answers.
    const own = /^(127\.0\.0\.1)?$|\.vscode-resource\.vscode-cdn\.net$/;
    return [...this.asked].filter((host) => !own.test(host));
  }

  /** Put the cursor somewhere in the editor, which has the focus then. */
  goTo(line, column = 1) {
    const text = new RegExp(`Ln ${line}, Col ${column}\\s*$`); // nothing is selected
    const place = this.page.locator('[id="status.editor.selection"]', { hasText: text });
    return this.done(
      `the cursor is at ${line}:${column}`,
      async () => {
        const asked = `:${line}:${column}`;
        await this.page.keyboard.press('Control+g');
        await this.input.fill(asked, { timeout: 2000 });
        if ((await this.input.inputValue()) === asked) await this.enter(this.input);
      },
      async () => (await place.isVisible()) && !(await this.input.isVisible()) && (await this.editing()),
      5000,
    );
  }

  /** Press Enter where something has the focus, and not where a file does, which would have one more line. */
  async enter(inside) {
    const focused = await inside.evaluate((element) => element.contains(document.activeElement));
    if (!focused) throw new Error('something else has the focus');
    await this.page.keyboard.press('Enter');
  }

  /** Whether keys go to the editor. */
  editing() {
    return this.page.evaluate(() => document.activeElement?.closest('.editor-instance .monaco-editor') !== null);
  }

  /** The lines that the editor shows, from the top. */
  async lines() {
    const found = await this.editor.locator('.view-line').evaluateAll((lines) =>
      lines.map((line) => ({ top: parseInt(line.style.top), text: line.innerText })),
    );
    // VS Code shows spaces that do not break, and empty lines that have some.
    const ordered = found.sort((one, other) => one.top - other.top);
    return ordered.map(({ text }) => text.replace(/\s/g, ' ').trimEnd());
  }

  /** Wait until the editor shows a line, which is brought about somehow. */
  changed(line, act = () => undefined) {
    const words = line.trimEnd();
    return this.done(`a line is: ${words}`, act, async () => (await this.lines()).includes(words), 2 * AGAIN);
  }

  /** Type something in the place of a line, while the editor shows the first one. */
  type(line, words) {
    const typed = words.trimEnd();
    return this.done(
      `line ${line} is: ${typed}`,
      async () => {
        await this.goTo(line);
        await this.page.keyboard.press('Shift+End');
        await this.page.keyboard.type(typed);
      },
      async () => (await this.lines())[line - 1] === typed,
    );
  }

  /** Take the last change back, which brings back a line. */
  async undo(line) {
    const before = await this.lines();
    await this.changed(line, async () => {
      await this.goTo(1);
      const now = await this.lines();
      if (now.join() === before.join()) await this.page.keyboard.press('Control+z');
    });
  }

  /** Save a file that has changed; what is on the disk then. */
  async save(file) {
    const old = readFileSync(file, 'utf8');
    await this.done(
      'it is saved',
      () => this.page.keyboard.press('Control+s'),
      () => ![old, ''].includes(readFileSync(file, 'utf8')),
    );
    return readFileSync(file, 'utf8');
  }

  /** The titles of what is offered somewhere. */
  offers(line, column) {
    return this.listed(async () => {
      await this.goTo(line, column);
      await this.page.keyboard.press('Control+.');
    });
  }

  /** The same, by the lightbulb of the place. */
  bulb(line, column) {
    // In the margin of the newest VS Code, in the line of the oldest.
    const icons = ['.lightBulbWidget', '[class*="codicon-gutter-lightbulb"]'];
    const bulb = this.page.locator(icons.map((icon) => `${icon}:visible`).join(', ')).first();
    return this.listed(async () => {
      // VS Code asks whether there are any when the cursor moves, and not where an editor is shown again.
      await this.goTo(1);
      await this.goTo(line, column);
      await bulb.click();
    });
  }

  /** The titles that are listed once one asks for them. */
  listed(ask) {
    // VS Code gives up its question when an extension comes with more actions meanwhile.
    return this.done('actions are offered', ask, async () => {
      const titles = await this.actions.allInnerTexts();
      await this.page.waitForTimeout(SETTLED);
      const same = JSON.stringify(titles) === JSON.stringify(await this.actions.allInnerTexts());
      return titles.length > 0 && same && titles;
    });
  }

  /** Choose from what is listed. */
  async choose(title) {
    const list = this.page.locator('.action-widget .monaco-list:has(.action)').first();
    const chosen = list.locator('.monaco-list-row.action.focused');
    const titles = await this.actions.allInnerTexts();
    for (const _ of titles) {
      if ((await chosen.innerText()) === title) return this.enter(list);
      await this.page.keyboard.press('ArrowDown');
    }
    throw new Error(`${title} is not listed, but ${titles.join(', ')}`);
  }

  /** Choose from the menu of fumehood's item in the status bar. */
  async fromMenu(name) {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: name });
    await this.menu(row);
    await this.input.fill(name);
    await row.and(this.page.locator('.focused')).waitFor();
    await this.enter(this.input);
  }

  /** Open that menu, until something is seen in it. */
  menu(what) {
    const item = this.page.locator('.statusbar-item', { hasText: 'fumehood' });
    return this.done(
      'the menu is shown',
      async () => {
        if (await this.input.isVisible()) await this.page.keyboard.press('Escape');
        await item.click();
      },
      () => what.isVisible(),
      5000,
    );
  }

  /** Rest the mouse on the first underlined place until all these words are shown; what shows them. */
  hover(...words) {
    const shown = this.page.locator('.monaco-hover:not(.hidden)', { hasText: 'only-concurrent-indexes' }).first();
    const rest = async () => {
      const { x, y, height } = await this.squiggles.first().boundingBox();
      // From afar, so that a hover that was about to close is no longer there.
      await this.page.mouse.move(5, 5);
      await shown.waitFor({ state: 'hidden' });
      await this.page.mouse.move(x + 20, y + height / 2, { steps: 10 });
    };
    return this.done(`it is shown of the finding: ${words.join(', ')}`, rest, async () => {
      if (!(await shown.isVisible())) return false;
      const text = await shown.innerText().catch(() => ''); // hidden meanwhile
      return words.every((each) => text.includes(each)) && shown;
    });
  }

  /** Wait until the panel of problems lists a finding with these words; it is closed then. */
  async problems(words) {
    const panel = this.page.locator('.markers-panel-container');
    const toggle = () => this.page.keyboard.press('Control+Shift+m');
    const opened = async () => (await panel.isVisible()) || toggle();
    const text = () => panel.innerText().catch(() => '');
    await this.done('the finding is listed', opened, async () => words.test(await text()));
    await this.done('the problems are closed', toggle, async () => !(await panel.isVisible()), 5000);
  }

  /** Do what opens a page of the documentation, known by its title; its frame. */
  opens(title, act) {
    const opened = async () => {
      await this.close();
      await act();
    };
    return this.done(`the page ${title} is shown`, opened, () => this.frame(title));
  }

  /** The frame that shows a page, if one does. */
  async frame(title) {
    const shown = async (frame) => {
      const heading = frame.locator('h1', { hasText: title });
      if (await heading.isVisible().catch(() => false)) return frame;
      throw new Error('another page');
    };
    return Promise.any(this.page.frames().map(shown)).catch(() => undefined);
  }

  /** Close all pages of the documentation; the editor behind them has the focus then. */
  close() {
    return this.done(
      'no page is open',
      async () => {
        if (await this.pages.first().isVisible())
          await this.pages.first().locator('.tab-actions .action-label').click();
        else await this.goTo(1);
      },
      async () => (await this.pages.count()) === 0 && (await this.editing()),
      5000,
    );
  }

  /** Do what brings a message, in the list of them where it does not pop up; what it is shown in. */
  async notification(words, act = () => undefined) {
    const said = this.page.locator('.notification-list-item', { hasText: words }).first();
    const bell = this.page.locator('[id="status.notifications"]');
    await this.done(`the message is shown: ${words}`, act, async () => {
      if (await said.isVisible()) return true;
      if (await bell.locator('.codicon-bell-dot').isVisible()) await bell.click().catch(() => undefined);
      return false;
    });
    return said;
  }

  squiggled(count, patience = PATIENCE) {
    const what = `${count} places are underlined`;
    return this.until(what, async () => (await this.squiggles.count()) === count, patience);
  }
}
