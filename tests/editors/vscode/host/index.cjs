// Runs inside VS Code's extension host. The results go to the file that FUMEHOOD_RESULTS names.
const { writeFileSync } = require('node:fs');
const vscode = require('vscode');
const { cleared, given } = require('./acts.cjs');
const cases = { ...require('./cases.cjs'), ...require('./server_cases.cjs') };

// What a server with wrong fixes must not pass.
const ABOUT_FIXES = [
  'a fix, taken back in one step',
  'fix on save, beside another fixer',
  'fix on save, while another extension registers actions',
  'a fix that creates a revision',
  'a fix of a query in the file of its model',
];

async function run() {
  const results = [];
  for (const server of ['right', 'wrong']) {
    if (server === 'wrong') {
      writeFileSync(given.servers.file, given.servers.wrong);
      await vscode.commands.executeCommand('fumehood.restart');
    }
    for (const name of server === 'wrong' ? ABOUT_FIXES : Object.keys(cases)) {
      const started = Date.now();
      const problems = await problemsOf(cases[name]);
      results.push({ name, server, problems, seconds: (Date.now() - started) / 1000 });
      writeFileSync(process.env.FUMEHOOD_RESULTS, JSON.stringify(results));
    }
  }
}

let spares = given.spares; // projects for what is tried once more: all others are there for a case each

/** Run a case, once more where it waited in vain; what was in its way each time, nothing where nothing was. */
async function problemsOf(check) {
  const first = await problemOf(check);
  if (!first || first.code === 'ERR_ASSERTION' || spares === 0) return [first?.stack];
  spares -= 1;
  return [first.stack, (await problemOf(check))?.stack];
}

/** Run a case in a project of its own. */
async function problemOf(check) {
  given.shop = given.shops.pop();
  try {
    await check();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await cleared();
  }
}

module.exports = { run };
