// The cases of host/index.cjs, each in VS Code's extension host.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import * as project from './project.mjs';
import { launch, open } from './window.mjs';
import { ROOT, start, VERSIONS } from './workbench.mjs';

const CASES = 18;
const PATIENCE = 360_000; // milliseconds for all cases, which take 40,000 on an idle machine
// What a server with wrong fixes must not pass.
const ABOUT_FIXES = [
  'a fix, taken back in one step',
  'fix on save, beside another fixer',
  'fix on save, while another extension registers actions',
  'a fix that creates a revision',
  'a fix of a query in the file of its model',
];

for (const version of Object.keys(VERSIONS)) {
  describe(`the extension host of the ${version} VS Code`, async () => {
    const cases = await results(version, project.RIGHT);
    test('all cases ran', () => assert.equal(cases.length, CASES));
    for (const { name, problem } of cases) test(name, () => assert.equal(problem, undefined));
    const wrong = await results(version, project.WRONG, ABOUT_FIXES);
    for (const { name, problem } of wrong)
      test(`${name}: a wrong one is noticed`, () => assert.match(problem ?? '', /after (the fix|saving)/));
  });
}

/** Run all cases, or those of these names, in an extension host of its own. */
async function results(version, server, only) {
  const home = project.makeHome();
  project.use(home, server);
  // Each case has a project of its own.
  const workspace = path.join(home, 'projects');
  const shops = Array.from({ length: CASES }, () => project.copyShop(workspace, project.TEXTS.INDEX));
  const answer = path.join(home, 'results.json');
  const environment = {
    ...project.environment(home),
    FUMEHOOD_RESULTS: answer,
    FUMEHOOD_PID: path.join(home, 'pid'),
    FUMEHOOD_PROJECT: JSON.stringify({ shops, texts: project.TEXTS, python: project.PYTHON, only }),
  };
  const workbench = await start(version, { data: home, environment });
  const browser = await launch();
  try {
    const { page, url } = await open(browser, workbench, workspace, [
      ['extensionDevelopmentPath', path.join(ROOT, 'build/vscode/extension')],
      ['extensionDevelopmentPath', path.join(ROOT, 'tests/editors/vscode/host/python')],
      ['extensionTestsPath', path.join(ROOT, 'tests/editors/vscode/host/index.cjs')],
    ]);
    let ended;
    const end = new Promise((resolve) => (ended = resolve));
    const log = [];
    await page.exposeFunction('codeAutomationLog', (_kind, words) => log.push(words));
    await page.exposeFunction('codeAutomationExit', () => ended());
    await page.goto(url);
    const late = setTimeout(PATIENCE, 'late', { ref: false });
    if ((await Promise.race([end, late])) === 'late')
      assert.fail(`the cases did not end; so far ${existsSync(answer) ? project.read(answer) : 'none did'}`);
    assert.ok(existsSync(answer), `no case ran: ${JSON.stringify(log)}\n${workbench.said().slice(-2000)}`);
    return JSON.parse(project.read(answer));
  } finally {
    await browser.close();
    await workbench.stop();
    project.removeHome(home);
  }
}
