// What a person does and sees, in a window of VS Code.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as project from './project.mjs';
import { launch, seenIn, show, within } from './window.mjs';
import { start, VERSIONS } from './workbench.mjs';

const { EFFECT, EMPTY, FIXED, INDEX, OFFERED, RULE, TITLE } = project.TEXTS;

for (const version of Object.keys(VERSIONS)) {
  describe(`a window of the ${version} VS Code`, () => {
    let home, workbench, browser;
    let shared; // the window that the tests go on in, until one of them fails
    before(async () => {
      home = project.makeHome();
      workbench = await start(version, { data: home, environment: project.environment(home) });
      browser = await launch();
    });
    after(async () => {
      await browser?.close();
      await workbench?.stop();
      project.removeHome(home);
    });

    /** Act in a window with a migration that has one finding, and is left so. */
    async function act(actions) {
      if (!shared) {
        const shop = project.copyShop(home, INDEX);
        // So many that other processes read them.
        for (let number = 0; number < 40; number += 1)
          writeFileSync(path.join(shop.folder, `queries_${number}.py`), `${project.TEXTS.QUERIES}\n# ${number}\n`);
        shared = { ...(await show(browser, workbench, shop.folder, [['openFile', shop.file]])), shop };
      }
      const { window, page, shop } = shared;
      try {
        await window.squiggled(1);
        await actions(window, page, shop);
      } catch (error) {
        shared = undefined;
        throw await seenIn(page, error);
      }
    }

    /** Type an operation, see it underlined, look, fix it, save, take the fix back. */
    async function journey(window, page, { file }) {
      const { migration, LINE } = project;
      await window.select(LINE);
      await page.keyboard.type(EMPTY.trim());
      await window.squiggled(0);
      assert.equal(await window.save(file), migration(EMPTY), 'without the operation');
      await window.select(LINE);
      await page.keyboard.type(INDEX.trim());
      await window.squiggled(1);
      assert.equal(await window.save(file), migration(INDEX), 'what was typed');

      const hover = await window.hover();
      await hover.getByText(TITLE).first().waitFor(); // the page comes behind what VS Code itself shows
      const said = await hover.innerText();
      assert.ok(said.includes(EFFECT), said);
      await window.problems(/ix_orders_note_ü on orders.*only-concurrent/s);

      await window.goTo(LINE, 8);
      assert.deepEqual(await window.offers(), OFFERED);
      await window.choose();
      await window.changed(FIXED.split('\n', 1)[0]);
      assert.equal(await window.save(file), migration(FIXED), 'after the fix');
      await window.squiggled(0);

      await page.keyboard.press('Control+z');
      await window.squiggled(1);
      assert.equal(await window.save(file), migration(INDEX), 'after the undo');
      assert.deepEqual(window.strangers(), []);
    }

    test('type, see, fix, undo', () => act(journey));

    test('the pages of rules, from a finding, an action and the menu', () =>
      act(async (window) => {
        await (await window.hover()).locator('a', { hasText: RULE }).click();
        await window.preview(TITLE);
        await window.closeTab();

        assert.deepEqual(await window.bulb(project.LINE, 8), OFFERED);
        await window.choose(OFFERED.length - 1);
        await window.preview(TITLE);
        await window.closeTab();

        await window.fromMenu('Show the documentation of the rules');
        const rules = await window.preview('Rules');
        await rules.locator('a', { hasText: 'split-foreign-key' }).click();
        await window.preview('Add foreign keys without blocking writes');
        await window.closeTab();
        assert.deepEqual(window.strangers(), []);
      }));

    test('the menu restarts the server, and the status says how far it is', () =>
      act(async (window, page) => {
        await page.evaluate(() => {
          const bar = document.querySelector('.part.statusbar');
          globalThis.statuses = [];
          const look = () => globalThis.statuses.push(bar.innerText);
          new MutationObserver(look).observe(bar, { childList: true, characterData: true, subtree: true });
        });
        project.forget(home); // else nothing is left to read
        await window.fromMenu('Restart the server');
        const said = () => page.evaluate(() => globalThis.statuses.join('\n'));
        const shown = /fumehood: Reading the project \d+%/;
        await window.until('the progress is shown', async () => shown.test(await said()));
        await page.locator('.statusbar-item', { hasText: /fumehood$/ }).waitFor();
        await window.squiggled(1);
      }));

    test('a setting that names no server is said', () =>
      act(async (window, _page, shop) => {
        project.writeSettings(shop.folder, { 'fumehood.path': '/no/such/fumehood' });
        const said = await window.notification('/no/such/fumehood cannot be used (fumehood.path)');
        await said.getByRole('button', { name: 'Open Settings' }).waitFor();
        await window.squiggled(0);
        project.writeSettings(shop.folder, {});
        await window.squiggled(1);
      }));

    test('a wrong fix is noticed', async () => {
      project.use(home, project.WRONG);
      const noticed = act(async (window, ...rest) => {
        await window.fromMenu('Restart the server');
        await journey(window, ...rest);
      });
      await assert.rejects(noticed, /after the fix/);
    });
  });
}

/** Do something in a window of a VS Code of its own. */
async function alone({ path: PATH, settings }, prepare, act) {
  const home = project.makeHome();
  const environment = PATH ? { PATH, PYTHONPATH: '' } : project.environment(home);
  const workbench = await start('newest', { data: home, environment, settings });
  const browser = await launch();
  try {
    const shop = project.copyShop(home, INDEX);
    prepare(shop);
    await within(browser, workbench, shop.folder, [['openFile', shop.file]], act);
  } finally {
    await browser.close();
    await workbench.stop();
    project.removeHome(home);
  }
}

test('a VS Code with an old Python alone says which one is needed, and installs a server with another', () => {
  const programs = mkdtempSync(path.join(tmpdir(), 'fumehood-python-'));
  const python = path.join(programs, 'python3');
  const write = (does) => {
    writeFileSync(python, `#!/bin/sh\n${does}\n`);
    chmodSync(python, 0o755);
  };
  write(`echo '{"version": [3, 9, 18], "fumehood": null}'`);
  const seen = alone({ path: programs }, () => {}, async (window, page) => {
    const needed = `Python 3.11 or newer is needed to run one: ${python} is 3.9.18.`;
    const old = await window.notification(needed);
    await old.getByRole('button', { name: 'Open Settings' }).waitFor();

    write(`exec '${project.BASE_PYTHON}' "$@"`);
    await window.fromMenu('Look for the server again');
    const none = await window.notification('No server was found.');
    await none.getByRole('button', { name: 'Install' }).click();
    await window.notification(/making an environment|installing the server/);
    await window.squiggled(1, 600_000);
    await page.locator('.statusbar-item', { hasText: 'fumehood' }).click();
    await page.getByPlaceholder(/from its own environment/).waitFor();
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Restart the server' }).waitFor();
  });
  return seen.finally(() => rmSync(programs, { recursive: true }));
});

test('a workspace that is not trusted is checked, and names no server', () =>
  alone(
    {
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
      },
    },
    (shop) => project.writeSettings(shop.folder, { 'fumehood.path': '/no/such/fumehood' }),
    async (window, page) => {
      await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
      await window.squiggled(1);
    },
  ));
