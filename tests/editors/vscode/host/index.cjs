// Runs inside VS Code's extension host. The results go to the file that FUMEHOOD_RESULTS names.
const { writeFileSync } = require('node:fs');
const vscode = require('vscode');
const { cleared, given } = require('./acts.cjs');
const cases = require('./cases.cjs');

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
      const problem = await problemOf(cases[name]);
      results.push({ name, server, problem, seconds: (Date.now() - started) / 1000 });
      writeFileSync(process.env.FUMEHOOD_RESULTS, JSON.stringify(results));
    }
  }
}

/** Run a case in a project of its own; what is wrong, if anything is. */
async function problemOf(check) {
  given.shop = given.shops.pop();
  try {
    await check();
  } catch (error) {
    return error?.stack ?? String(error);
  } finally {
    await cleared();
  }
}

module.exports = { run };
