// Takes the pictures of README.md and of the extension's page, in the newest VS Code.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { launch, show } from './browser.mjs';
import * as project from './project.mjs';
import { ROOT, start } from './workbench.mjs';

const IMAGES = path.join(ROOT, 'editors/vscode/images');
const SIZE = { width: 960, height: 500 };
const SETTINGS = {
  'breadcrumbs.enabled': false,
  'editor.hover.above': false,
  'editor.minimap.enabled': false,
  'editor.occurrencesHighlight': 'off',
  'editor.renderLineHighlight': 'none',
  'workbench.activityBar.location': 'hidden',
  'workbench.layoutControl.enabled': false,
};
const FILES = [
  '5d1e8a30b6c2_find_a_customers_orders.py',
  '83c0f7e2a415_products_have_suppliers.py',
  'c6e5b0943d18_orders_have_a_status.py',
];
const LINE = 17;

const home = project.makeHome();
const environment = project.environment(home);
const workbench = await start('newest', { data: home, environment, settings: SETTINGS });
const browser = await launch();
mkdirSync(IMAGES, { recursive: true });
try {
  const shop = project.copyShop(home);
  rmSync(shop.file);
  const file = path.join(path.dirname(shop.file), FILES[0]);
  const { page, window } = await show(browser, workbench, shop.folder, [['openFile', file]], SIZE);
  const take = (name) => page.screenshot({ path: path.join(IMAGES, `${name}.png`) });
  await window.squiggled(2);
  await page.locator('[id="status.problems"]').waitFor(); // counted a moment later
  await page.keyboard.press('Control+b');
  await page.locator('.sidebar').waitFor({ state: 'hidden' });

  await window.goTo(LINE, 8);
  await page.keyboard.press('Control+Home');
  await window.hover('Build and drop indexes');
  await take('finding');

  await page.mouse.move(SIZE.width - 60, 60);
  const [title] = await window.offers(LINE, 8);
  await take('fixes');

  await window.choose(title);
  await window.changed('    with op.get_context().autocommit_block():');
  await window.squiggled(1);
  await page.keyboard.press('Control+End');
  await page.locator('.view-line', { hasText: 'op.drop_index' }).waitFor();
  await take('fixed');

  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+b');
  for (const name of FILES.slice(1)) {
    await page.locator('.explorer-viewlet .monaco-list-row', { hasText: name.slice(0, 20) }).click();
    await page.locator('.tab.active', { hasText: name }).waitFor();
  }
  await page.keyboard.press('Control+b');
  await page.setViewportSize({ ...SIZE, height: 640 });
  await page.keyboard.press('Control+Shift+m');
  const files = page.locator('.markers-panel-container .monaco-list-row', { hasText: 'versions' });
  await window.until('all files are listed', async () => (await files.count()) >= FILES.length);
  await take('problems');
} finally {
  await browser.close();
  await workbench.stop();
  project.removeHome(home);
}
