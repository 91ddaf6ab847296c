// What a person does and sees, in a window of VS Code.
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { twice } from './again.mjs';
import { launch, show, within } from './browser.mjs';
import * as project from './project.mjs';
import { seenIn } from './seen.mjs';
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

    /** Act in a window with a migration that has one finding, and is left so; in another one more where it hangs. */
    function act(t, actions) {
      return twice(t, async () => {
        shared ??= await fresh();
        const { window, page, shop } = shared;
        try {
          await window.squiggled(1);
          await actions(window, page, shop);
        } catch (error) {
          shared = undefined;
          throw await seenIn(window, error);
        }
      });
    }

    async function fresh() {
      const shop = project.copyShop(home, INDEX);
      // So many that other processes read them.
      for (let number = 0; number < 40; number += 1)
        writeFileSync(path.join(shop.folder, `queries_${number}.py`), `${project.TEXTS.QUERIES}\n# ${number}\n`);
      return { ...(await show(browser, workbench, shop.folder, [['openFile', shop.file]])), shop };
    }

    /** Type an operation, see it underlined, look, fix it, save, take the fix back. */
    async function journey(window, _page, { file }) {
      const { migration, LINE } = project;
      await window.type(LINE, EMPTY);
      await window.squiggled(0);
      assert.equal(await window.save(file), migration(EMPTY), 'without the operation');
      await window.type(LINE, INDEX);
      await window.squiggled(1);
      assert.equal(await window.save(file), migration(INDEX), 'what was typed');

      await window.hover(EFFECT, TITLE); // the page comes behind what VS Code itself shows
      await window.problems(/ix_orders_note_ü on orders.*only-concurrent/s);

      await window.changed(FIXED.split('\n', 1)[0], async () => {
        assert.deepEqual(await window.offers(LINE, 8), OFFERED);
        await window.choose(OFFERED[0]);
      });
      assert.equal(await window.save(file), migration(FIXED), 'after the fix');
      await window.squiggled(0);

      await window.undo(INDEX);
      await window.squiggled(1);
      assert.equal(await window.save(file), migration(INDEX), 'after the undo');
      assert.deepEqual(window.strangers(), []);
    }

    /** Have the menu restart the server. */
    async function restart(window) {
      const old = project.pid(home);
      const restarted = () => window.fromMenu('Restart the server');
      await window.done('another server runs', restarted, () => ![old, ''].includes(project.pid(home)));
    }

    test('type, see, fix, undo', (t) => act(t, journey));

    test('the pages of rules, from a finding, an action and the menu', (t) =>
      act(t, async (window) => {
        await window.opens(TITLE, async () => {
          const shown = await window.hover(RULE);
          await shown.locator('a', { hasText: RULE }).click();
        });
        await window.close();

        await window.opens(TITLE, async () => {
          assert.deepEqual(await window.bulb(project.LINE, 8), OFFERED);
          await window.choose(OFFERED.at(-1));
        });
        await window.close();

        await window.opens('Add foreign keys without blocking writes', async () => {
          const menu = () => window.fromMenu('Show the documentation of the rules');
          const rules = await window.opens('Rules', menu);
          await rules.locator('a', { hasText: 'split-foreign-key' }).click();
        });
        await window.close();
        assert.deepEqual(window.strangers(), []);
      }));

    test('the menu restarts the server, and the status says how far it is', (t) =>
      act(t, async (window, page) => {
        await page.evaluate(() => {
          const bar = document.querySelector('.part.statusbar');
          globalThis.statuses = [];
          const look = () => globalThis.statuses.push(bar.innerText);
          new MutationObserver(look).observe(bar, { childList: true, characterData: true, subtree: true });
        });
        const started = () => {
          project.forget(home); // else nothing is left to read
          return restart(window);
        };
        const said = () => page.evaluate(() => globalThis.statuses.join('\n'));
        const shown = /fumehood: Reading the project \d+%/;
        await window.done('the progress is shown', started, async () => shown.test(await said()));
        const item = page.locator('.statusbar-item', { hasText: /fumehood$/ });
        await window.until('there is no more of it', () => item.isVisible());
        await window.squiggled(1);
      }));

    test('a setting that names no server is said', (t) =>
      act(t, async (window, page, shop) => {
        const set = (settings) => project.writeSettings(shop.folder, settings);
        const said = await window.notification('/no/such/fumehood cannot be used (fumehood.path)', () =>
          set({ 'fumehood.path': '/no/such/fumehood' }),
        );
        await said.getByRole('button', { name: 'Open Settings' }).waitFor();
        await window.squiggled(0);
        const told = page.locator('.notification-list-item', { hasText: 'didChangeConfiguration' });
        assert.equal(await told.count(), 0, 'the server that ends is told of its end');
        await window.done('it is underlined again', () => set({}), async () => (await window.squiggles.count()) === 1);
      }));

    test('a wrong fix is noticed', async (t) => {
      project.use(home, project.WRONG);
      const noticed = act(t, async (window, ...rest) => {
        await restart(window);
        await journey(window, ...rest);
      });
      await assert.rejects(noticed, { code: 'ERR_ASSERTION', message: /after the fix/ });
    });
  });
}

/** Do something in a window of a VS Code of its own, in another one more where it hangs. */
function alone(t, { path: PATH, settings }, prepare, act) {
  return twice(t, async () => {
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
  });
}

test('a VS Code with an old Python alone says which one is needed, and installs a server with another', (t) => {
  const programs = mkdtempSync(path.join(tmpdir(), 'fumehood-python-'));
  const python = path.join(programs, 'python3');
  const write = (does) => {
    writeFileSync(python, `#!/bin/sh\n${does}\n`);
    chmodSync(python, 0o755);
  };
  const old = () => write(`echo '{"version": [3, 9, 18], "fumehood": null}'`);
  const seen = alone(t, { path: programs }, old, async (window, page) => {
    const needed = `Python 3.11 or newer is needed to run one: ${python} is 3.9.18.`;
    const said = await window.notification(needed);
    await said.getByRole('button', { name: 'Open Settings' }).waitFor();

    write(`exec '${project.BASE_PYTHON}' "$@"`);
    const look = () => window.fromMenu('Look for the server again');
    const none = await window.notification('No server was found.', look);
    const install = () => none.getByRole('button', { name: 'Install' }).click();
    await window.notification(/making an environment|installing the server/, install);
    await window.squiggled(1, 600_000);
    await window.menu(page.locator('.quick-input-list .monaco-list-row', { hasText: 'Restart the server' }));
    await page.getByPlaceholder(/from its own environment/).waitFor();
  });
  return seen.finally(() => rmSync(programs, { recursive: true }));
});

test('a workspace that is not trusted is checked, and names no server', (t) =>
  alone(
    t,
    {
      settings: {
        'security.workspace.trust.enabled': true,
        'security.workspace.trust.startupPrompt': 'never',
      },
    },
    (shop) => project.writeSettings(shop.folder, { 'fumehood.path': '/no/such/fumehood' }),
    async (window, page) => {
      const restricted = page.locator('.statusbar-item', { hasText: 'Restricted Mode' });
      await window.until('it is said to be restricted', () => restricted.isVisible());
      await window.squiggled(1);
    },
  ));
