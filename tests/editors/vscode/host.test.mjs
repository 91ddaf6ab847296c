// The cases of host/index.cjs, each in VS Code's extension host.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { launch, open } from './browser.mjs';
import * as project from './project.mjs';
import { ROOT, start, VERSIONS } from './workbench.mjs';

const CASES = 26;
const SPARES = 5; // of projects, for cases that are tried once more
const PATIENCE = 900_000; // milliseconds for all cases, which take 60,000 on an idle machine

for (const version of Object.keys(VERSIONS)) {
  describe(`the extension host of the ${version} VS Code`, async () => {
    const cases = await results(version);
    test('all cases ran', () => assert.equal(cases.length, CASES));
    for (const { name, server, problems, seconds } of cases) {
      const problem = problems.at(-1);
      test(server === 'right' ? name : `${name}: a wrong one is noticed`, (t) => {
        t.diagnostic(`${seconds} s`);
        for (const earlier of problems.slice(0, -1))
          t.diagnostic(`tried once more, since the first time: ${earlier}`);
        if (server === 'right') assert.ok(!problem, problem);
        else assert.match(problem ?? '', /after (the fix|saving)/);
      });
    }
  });
}

/** Run all cases in an extension host, those about fixes with a server that is wrong too. */
async function results(version) {
  const home = project.makeHome();
  // Each case has a project of its own.
  const folders = ['projects', 'others', 'outside'].map((each) => path.join(home, each));
  const shops = Array.from({ length: CASES + SPARES }, () => project.copyShop(folders[0], project.TEXTS.INDEX));
  const [inside, outside] = folders.slice(1).map((each) => project.copyShop(each, project.TEXTS.INDEX));
  project.writeSettings(outside.folder, { 'fumehood.diagnosticMode': 'workspace' });
  const workspace = path.join(home, 'projects.code-workspace');
  const roots = [folders[0], inside.folder].map((each) => ({ path: each }));
  writeFileSync(workspace, JSON.stringify({ folders: roots }));
  const answer = path.join(home, 'results.json');
  const given = {
    shops,
    spares: SPARES,
    elsewhere: { inside, outside },
    texts: project.TEXTS,
    python: project.PYTHON,
    servers: { file: path.join(home, 'command'), wrong: project.WRONG },
  };
  const environment = {
    ...project.environment(home),
    FUMEHOOD_RESULTS: answer,
    FUMEHOOD_PID: path.join(home, 'pid'),
    FUMEHOOD_PROJECT: JSON.stringify(given),
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
