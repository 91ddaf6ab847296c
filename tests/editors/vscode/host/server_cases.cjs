// What the extension host is asked of the server and its settings.
const assert = require('node:assert/strict');
const { existsSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { debugInformation, edit, findings, findingsIn, given, opened, shown, until } = require('./acts.cjs');

const { elsewhere, python, texts } = given;
const { RULE } = texts;
const pidFile = process.env.FUMEHOOD_PID;

module.exports = {
  async 'configuration that changes'() {
    const document = await opened();
    await findings(document, 1);
    const server = readFileSync(pidFile, 'utf8');
    const file = path.join(given.shop.folder, 'fumehood.toml');
    writeFileSync(file, `ignore = ["${RULE}"]\n`);
    await findings(document, 0);
    rmSync(file);
    await findings(document, 1);

    const settings = vscode.workspace.getConfiguration('fumehood');
    await settings.update('ignore', [RULE], vscode.ConfigurationTarget.Workspace);
    await findings(document, 0);
    await settings.update('ignore', undefined, vscode.ConfigurationTarget.Workspace);
    await findings(document, 1);
    assert.equal(readFileSync(pidFile, 'utf8'), server);
  },

  async 'a default of a setting does not win over a file'() {
    const file = path.join(given.shop.folder, 'fumehood.toml');
    writeFileSync(file, 'downgrade = false\n');
    const name = '5d1e8a30b6c2_find_a_customers_orders.py';
    const both = await shown(path.join(given.shop.folder, 'migrations/versions', name));
    await findings(both, 1);
    rmSync(file);
    await findings(both, 2);
  },

  async 'each folder of a workspace has settings of its own'() {
    const [here, there] = [await opened(), await shown(elsewhere.inside.file)];
    await findings(here, 1);
    await findings(there, 1);
    const settings = vscode.workspace.getConfiguration('fumehood', there.uri);
    const ignore = (rules) => settings.update('ignore', rules, vscode.ConfigurationTarget.WorkspaceFolder);
    await ignore([RULE]);
    await findings(there, 0);
    await edit(here, (text) => text.replace('op.create_index', '# op.create_index'));
    await findings(here, 0);
    await edit(here, (text) => text.replace('# op.create_index', 'op.create_index'));
    await findings(here, 1);
    await ignore(undefined);
    await findings(there, 1);
  },

  async 'a folder that comes and goes'() {
    const { folder, file } = elsewhere.outside;
    const [uri, last] = [vscode.Uri.file(file), vscode.workspace.workspaceFolders.length];
    assert.ok(vscode.workspace.updateWorkspaceFolders(last, 0, { uri: vscode.Uri.file(folder) }));
    await findingsIn(uri, 1);
    assert.ok(!vscode.workspace.textDocuments.some((each) => each.fileName === file));
    assert.ok(vscode.workspace.updateWorkspaceFolders(last, 1));
    await findingsIn(uri, 0);
  },

  async 'a server that is killed comes back'() {
    const document = await opened();
    await findings(document, 1);
    const old = Number(readFileSync(pidFile, 'utf8'));
    process.kill(old, 'SIGKILL');
    await until('another server runs', () => Number(readFileSync(pidFile, 'utf8')) !== old);
    await edit(document, (text) => text.replace('op.create_index', '# op.create_index'));
    await findings(document, 0);
    await edit(document, (text) => text.replace('# op.create_index', 'op.create_index'));
    await findings(document, 1);
  },

  async 'the server is restarted on command'() {
    const document = await opened();
    await findings(document, 1);
    const old = Number(readFileSync(pidFile, 'utf8'));
    await vscode.commands.executeCommand('fumehood.restart');
    assert.notEqual(Number(readFileSync(pidFile, 'utf8')), old);
    await until('the old one is gone', () => !existsSync(`/proc/${old}`));
    await findings(document, 1);
  },

  async 'another interpreter is chosen in the Python extension'() {
    const document = await opened();
    await findings(document, 1);
    const { choose } = vscode.extensions.getExtension('ms-python.python').exports;
    const old = Number(readFileSync(pidFile, 'utf8'));
    choose('/no/such/python'); // the server that is found is the same, and goes on
    choose(python);
    await until('the first server is gone', () => !existsSync(`/proc/${old}`));
    await debugInformation(`from the Python extension, ${python}\n`, 'engine: ready');
    assert.equal(Number(readFileSync(pidFile, 'utf8')), old);
    choose('/no/such/python');
    await until('the first is back', () => Number(readFileSync(pidFile, 'utf8')) !== old);
    await debugInformation('from the PATH', 'engine: ready');
  },

  async 'a Python extension that fails is left out'() {
    const document = await opened();
    const { choose } = vscode.extensions.getExtension('ms-python.python').exports;
    choose('/that/fails');
    await vscode.commands.executeCommand('fumehood.restart');
    await debugInformation('from the PATH', 'engine: ready');
    choose('/no/such/python');
    await findings(document, 1);
  },

  async 'debug information'() {
    const document = await opened();
    await findings(document, 1);
    await debugInformation(
      `VS Code: ${vscode.version}`,
      'server: 0.1.0',
      'from the PATH',
      'engine: ready',
      `settings of ${document.fileName}:`,
      '  downgrade = true (default)',
    );
  },
};
