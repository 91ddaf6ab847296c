// What is done in VS Code's extension host, and waited for there.
const assert = require('node:assert/strict');
const path = require('node:path');
const vscode = require('vscode');

const PATIENCE = 120_000; // milliseconds: a loaded machine, not a slow server
const registered = []; // what the present case registered

/** What is given to the tests, and the project of the present case. */
const given = { ...JSON.parse(process.env.FUMEHOOD_PROJECT), shop: undefined };

/** The migration with one finding, as it was at first. */
async function opened() {
  return shown(given.shop.file);
}

/** Wait until the command shows all these words of the document in front. */
function debugInformation(...words) {
  return until(`${words.join(', ')} is shown`, async () => {
    await shown(given.shop.file);
    await vscode.commands.executeCommand('fumehood.showDebugInformation');
    const text = vscode.window.activeTextEditor.document.getText();
    return words.every((each) => text.includes(each));
  });
}

async function shown(file) {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Wait until there are so many findings in a document, those of one rule if it is named. */
function findings(document, count, rule) {
  return findingsIn(document.uri, count, rule);
}

/** The same of a file that may not be open. */
async function findingsIn(uri, count, rule) {
  let seen = [];
  await until(`${uri.fsPath} has ${count} findings`, () => {
    seen = vscode.languages.getDiagnostics(uri).filter((each) => each.source === 'fumehood');
    return seen.length === count && seen.every(({ code }) => !rule || code.value === rule);
  });
  return seen;
}

/** What is offered at the first finding. */
async function actions(document) {
  const [found] = await findings(document, 1);
  const place = new vscode.Range(found.range.start, found.range.start);
  const kind = vscode.CodeActionKind.QuickFix.value;
  const asked = ['vscode.executeCodeActionProvider', document.uri, place, kind, 20];
  let offered = [];
  // VS Code cancels a question when somebody else comes with actions meanwhile, as its own snippets do
  // some seconds after its start. Its lightbulb asks again then, and so does this.
  await until(`actions of ${document.fileName} are offered`, async () => {
    offered = await vscode.commands.executeCommand(...asked).then(undefined, (error) => {
      if (error.name === 'Canceled') return [];
      throw error;
    });
    return offered.length > 0;
  });
  return offered;
}

/** Have these kinds of fixes applied when a file is saved, and no others. */
async function onSave(...kinds) {
  const settings = vscode.workspace.getConfiguration('editor', { languageId: 'python' });
  const value = kinds.length ? Object.fromEntries(kinds.map((kind) => [kind, 'explicit'])) : undefined;
  await settings.update('codeActionsOnSave', value, vscode.ConfigurationTarget.Global, true);
}

/** Register actions for Python until the case ends. */
function register(provider, about) {
  registered.push(vscode.languages.registerCodeActionsProvider('python', provider, about));
}

/**
 * Do something while another extension registers actions whenever VS Code asks for some, which gives up that
 * question. The lightbulb asks again each time, so this has an end: with its tenth, or with what is done.
 *
 * Returns how many questions were given up.
 */
async function disturbed(done) {
  let given = 0;
  const others = [];
  const nothing = { provideCodeActions: () => [] };
  const add = (provider) => others.push(vscode.languages.registerCodeActionsProvider('python', provider));
  add({
    provideCodeActions() {
      if (given === 10) return [];
      given += 1;
      add(nothing);
      return new Promise((resolve) => setTimeout(() => resolve([]), 200));
    },
  });
  try {
    await done();
  } finally {
    for (const each of others) each.dispose();
  }
  return given;
}

async function apply(action) {
  assert.ok(action?.edit, `there is no edit in ${JSON.stringify(action)}`);
  assert.ok(await vscode.workspace.applyEdit(action.edit));
}

async function edit(document, change) {
  // VS Code refuses it when the text has changed meanwhile, by a fix that comes behind its save for one.
  await until(`${document.fileName} is edited`, () => {
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const edits = new vscode.WorkspaceEdit();
    edits.replace(document.uri, all, change(document.getText()));
    return vscode.workspace.applyEdit(edits);
  });
}

async function until(what, holds) {
  const end = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Leave nothing of what the present case registered or set. */
async function cleared() {
  for (const each of registered.splice(0)) each.dispose();
  await onSave();
}

module.exports = {
  actions,
  apply,
  cleared,
  debugInformation,
  disturbed,
  edit,
  findings,
  findingsIn,
  given,
  onSave,
  opened,
  register,
  shown,
  until,
};
