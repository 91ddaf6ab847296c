// What a person does and sees, in a window of VS Code.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import * as project from './project.mjs';
import { launch, within } from './window.mjs';
import { start, VERSIONS } from './workbench.mjs';

const { EFFECT, FIXED, INDEX, OFFERED, RULE, TITLE } = project.TEXTS;

for (const version of Object.keys(VERSIONS)) {
  describe(`the ${version} VS Code`, () => {
    let home, workbench, browser;
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

    const opened = (shop, act) =>
      within(browser, workbench, shop.folder, [['openFile', shop.file]], act);

    /** Type an operation, see it underlined, look, fix it, save, take the fix back. */
    function journey() {
      const { migration, LINE } = project;
      const shop = project.copyShop(home);
      return opened(shop, async (window, page) => {
        await page.locator('.statusbar-item', { hasText: 'fumehood' }).waitFor();
        await window.select(LINE);
        await page.keyboard.type(INDEX.trim());
        await window.squiggled(1);
        assert.equal(await window.save(shop.file), migration(INDEX), 'what was typed');

        const hover = await window.hover();
        await hover.getByText(TITLE).first().waitFor(); // the page comes behind what VS Code itself shows
        const said = await hover.innerText();
        assert.ok(said.includes(EFFECT), said);
        await window.problems(/ix_orders_note_ü on orders.*only-concurrent/s);

        await window.goTo(LINE, 8);
        assert.deepEqual(await window.offers(), OFFERED);
        await window.choose();
        await window.changed(FIXED.split('\n', 1)[0]);
        assert.equal(await window.save(shop.file), migration(FIXED), 'after the fix');
        await window.squiggled(0);

        await page.keyboard.press('Control+z');
        await window.squiggled(1);
        assert.equal(await window.save(shop.file), migration(INDEX), 'after the undo');
        assert.deepEqual(window.strangers(), []);
      });
    }

    test('type, see, fix, undo', journey);

    test('a wrong fix is noticed', async () => {
      project.use(home, project.WRONG);
      try {
        await assert.rejects(journey(), /after the fix/);
      } finally {
        project.use(home, project.RIGHT);
      }
    });

    test('the pages of rules, from a finding, an action and the menu', async () => {
      await opened(project.copyShop(home, INDEX), async (window, page) => {
        await window.squiggled(1);
        await (await window.hover()).locator('a', { hasText: RULE }).click();
        await window.preview(TITLE);
        await window.closeTab();

        await window.goTo(project.LINE, 8);
        assert.deepEqual(await window.bulb(), OFFERED);
        await window.choose(OFFERED.length - 1);
        await window.preview(TITLE);
        await window.closeTab();

        await window.fromMenu('Show the documentation of the rules');
        const rules = await window.preview('Rules');
        await rules.locator('a', { hasText: 'split-foreign-key' }).click();
        await window.preview('Add foreign keys without blocking writes');
        assert.deepEqual(window.strangers(), []);
      });
    });

    test('each folder of a workspace has settings of its own', async () => {
      const [one, other] = [1, 2].map(() => project.copyShop(home, INDEX));
      const ignoring = { 'fumehood.ignore': [RULE] };
      const workspace = path.join(home, 'two.code-workspace');
      const folders = [one, other].map(({ folder }) => ({ path: folder }));
      writeFileSync(workspace, JSON.stringify({ folders }));
      project.writeSettings(one.folder, ignoring);
      await within(browser, workbench, workspace, [['openFile', other.file]], async (window) => {
        await window.squiggled(1);
        project.writeSettings(other.folder, ignoring);
        await window.squiggled(0);
        project.writeSettings(other.folder, {});
        await window.squiggled(1);
      });
      await within(browser, workbench, workspace, [['openFile', one.file]], async (window) => {
        project.writeSettings(one.folder, {});
        await window.squiggled(1);
      });
    });

    test('the menu restarts the server, and the status says how far it is', async () => {
      const shop = project.copyShop(home, INDEX);
      // So many that other processes read them.
      for (let number = 0; number < 40; number += 1)
        writeFileSync(path.join(shop.folder, `queries_${number}.py`), `${project.TEXTS.QUERIES}\n# ${number}\n`);
      await opened(shop, async (window, page) => {
        await window.squiggled(1);
        await page.evaluate(() => {
          const bar = document.querySelector('.part.statusbar');
          globalThis.statuses = [];
          const look = () => globalThis.statuses.push(bar.innerText);
          new MutationObserver(look).observe(bar, { childList: true, characterData: true, subtree: true });
        });
        await window.fromMenu('Restart the server');
        const said = () => page.evaluate(() => globalThis.statuses.join('\n'));
        const shown = /fumehood: Reading the project \d+%/;
        await window.until('the progress is shown', async () => shown.test(await said()));
        await page.locator('.statusbar-item', { hasText: /fumehood$/ }).waitFor();
        await window.squiggled(1);
      });
    });

    test('a setting that names no server is said', async () => {
      const shop = project.copyShop(home, INDEX);
      project.writeSettings(shop.folder, { 'fumehood.path': '/no/such/fumehood' });
      await opened(shop, async (window) => {
        const said = await window.notification('/no/such/fumehood cannot be used (fumehood.path)');
        await said.getByRole('button', { name: 'Open Settings' }).waitFor();
        assert.equal(await window.squiggles.count(), 0);
        project.writeSettings(shop.folder, {});
        await window.squiggled(1);
      });
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

test('a VS Code without a server installs one when it is asked to', () =>
  alone(
    { path: process.env.PATH },
    () => {},
    async (window, page) => {
      const said = await window.notification('No server was found.');
      await said.getByRole('button', { name: 'Install' }).click();
      await window.until('it is installed', async () => (await window.squiggles.count()) === 1, 600_000);
      await page.locator('.statusbar-item', { hasText: 'fumehood' }).click();
      await page.getByPlaceholder(/from its own environment/).waitFor();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Restart the server' }).waitFor();
    },
  ),
);

test('a VS Code with an old Python alone says which one is needed', () => {
  const programs = mkdtempSync(path.join(tmpdir(), 'fumehood-python-'));
  const old = path.join(programs, 'python3');
  writeFileSync(old, `#!/bin/sh\necho '{"version": [3, 9, 18], "fumehood": null}'\n`);
  chmodSync(old, 0o755);
  const words = `Python 3.11 or newer is needed to run one: ${old} is 3.9.18.`;
  const seen = alone({ path: programs }, () => {}, async (window) => {
    const said = await window.notification(words);
    await said.getByRole('button', { name: 'Open Settings' }).waitFor();
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
