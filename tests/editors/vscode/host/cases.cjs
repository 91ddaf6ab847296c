// What other extensions see of fumehood, and what it does to files.
const assert = require('node:assert/strict');
const { readFileSync, readdirSync, rmSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const acts = require('./acts.cjs');

const { actions, apply, disturbed, edit, findings, given, onSave, opened, register, shown, until } = acts;
const { texts } = given;
const { COLUMN, FIXED, FOLLOW_UP, INDEX, INDEXED, IN_MODEL, KEY, KEY_NOT_VALID, OFFERED, RULE } = texts;

module.exports = {
  async 'a finding has a rule, a page and a severity'() {
    const [found] = await findings(await opened(), 1);
    assert.equal(found.source, 'fumehood');
    assert.equal(found.code.value, RULE);
    assert.equal(found.code.target.toString(), `fumehood:/rules/${RULE}.md`);
    assert.equal(found.severity, vscode.DiagnosticSeverity.Error);
    const page = await vscode.workspace.openTextDocument(found.code.target);
    assert.match(page.getText(), /^# Build and drop indexes/);
  },

  async 'a fix, taken back in one step'() {
    const document = await opened();
    const before = document.getText();
    const offered = await actions(document);
    assert.deepEqual(
      offered.map(({ title }) => title),
      OFFERED,
    );
    assert.equal(offered[0].isPreferred, true);
    await apply(offered[0]);
    assert.equal(document.getText(), before.replace(INDEX, FIXED), 'after the fix');
    await findings(document, 0);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before, 'after the undo');
    await findings(document, 1);
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), before.replace(INDEX, FIXED), 'after the redo');
  },

  async 'hover'() {
    const document = await opened();
    const [found] = await findings(document, 1);
    const hovers = await vscode.commands.executeCommand(
      'vscode.executeHoverProvider',
      document.uri,
      found.range.start,
    );
    const words = hovers.flatMap(({ contents }) => contents.map(({ value }) => value)).join('\n');
    assert.ok(words.includes(texts.TITLE), words);
    assert.ok(!words.includes(texts.EFFECT), `what VS Code shows beside it: ${words}`);
  },

  async 'fix on save, beside another fixer'() {
    const document = await opened();
    const before = document.getText();
    const kind = vscode.CodeActionKind.SourceFixAll.append('other');
    const provider = {
      provideCodeActions(at) {
        const action = new vscode.CodeAction('other', kind);
        action.edit = new vscode.WorkspaceEdit();
        action.edit.insert(at.uri, at.lineAt(0).range.start, '# other\n');
        return at.lineAt(0).text === '# other' ? [] : [action];
      },
    };
    register(provider, { providedCodeActionKinds: [kind] });
    await onSave('source.fixAll.other', 'source.fixAll.fumehood');
    // VS Code gives up its questions when somebody else comes with actions, and the other fixer has no more.
    await until('it is saved with both', async () => {
      await edit(document, (text) => `${text}\n`);
      await document.save();
      return document.getText().startsWith('# other');
    });
    const saved = readFileSync(document.fileName, 'utf8');
    assert.equal(saved.trimEnd(), `# other\n${before.replace(INDEX, FIXED)}`.trimEnd(), 'after saving');
  },

  async 'fix on save, while another extension registers actions'() {
    const document = await opened();
    const before = document.getText();
    await onSave('source.fixAll.fumehood');
    // It has a second for it, which may pass on a loaded machine: then the fix comes behind the save.
    let given = 0;
    let saved = '';
    await until('it is saved with a fix', async () => {
      if (!document.getText().includes(INDEX)) await vscode.commands.executeCommand('undo');
      await edit(document, (text) => `${text}\n`);
      given += await disturbed(() => document.save());
      saved = readFileSync(document.fileName, 'utf8');
      return !saved.includes(INDEX);
    });
    assert.ok(given > 0);
    assert.equal(saved.trimEnd(), before.replace(INDEX, FIXED).trimEnd(), 'after saving');
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText().trimEnd(), before.trimEnd(), 'after the undo');
  },

  async 'no fix on save that nobody asked for'() {
    const document = await opened();
    const before = document.getText();
    await edit(document, (text) => `${text}\n`);
    await document.save();
    assert.equal(readFileSync(document.fileName, 'utf8').trimEnd(), before.trimEnd());
  },

  async 'findings follow the text'() {
    const document = await opened();
    await edit(document, (text) => text.replace('op.create_index', '# op.create_index'));
    await findings(document, 0);
    await edit(document, (text) => text.replace('# op.create_index', 'op.create_index'));
    await findings(document, 1);
  },

  async 'a comment that ignores'() {
    const document = await opened();
    const before = document.getText();
    await apply((await actions(document)).find(({ title }) => title === texts.IGNORE));
    assert.equal(document.getText(), before.replace(INDEX, texts.IGNORED + INDEX));
    await findings(document, 0);
  },

  async 'a fix that writes a file of its own'() {
    const document = await opened();
    const start = OFFERED.find((title) => title.startsWith('Start checking'));
    await apply((await actions(document)).find(({ title }) => title === start));
    await findings(document, 0);
    const file = path.join(given.shop.folder, 'fumehood.toml');
    await until(`${file} is written`, async () => {
      await vscode.workspace.saveAll();
      return readFileSync(file, 'utf8') === 'start-after = "6f2d9b1c0e44"\n';
    });
    rmSync(file);
    await findings(document, 1);
  },

  async 'a fix that creates a revision'() {
    const document = await opened();
    const before = document.getText();
    await edit(document, (text) => text.replace(INDEX, KEY));
    await findings(document, 1, 'split-foreign-key');
    const offered = await actions(document);
    await apply(offered.find(({ title }) => title === FOLLOW_UP));
    await findings(document, 0);
    const folder = path.dirname(given.shop.file);
    const [created, ...others] = readdirSync(folder).filter((name) => name.includes('_validate_'));
    assert.deepEqual(others, []);
    const next = await shown(path.join(folder, created));
    const revision = next.getText();
    assert.match(revision, /^down_revision = "6f2d9b1c0e44"$/m);
    assert.match(revision, /VALIDATE CONSTRAINT fk_orders_customers/);
    assert.match(revision, /    pass\n$/, `after the fix it is\n${revision}`);
    assert.equal(document.getText(), before.replace(INDEX, KEY_NOT_VALID), 'after the fix');
    await findings(next, 0);
    await next.save();
    assert.equal(readFileSync(next.fileName, 'utf8'), revision);
  },

  async "a query's finding, while its model is edited in another tab"() {
    const queries = await shown(path.join(given.shop.folder, 'queries.py'));
    const [found] = await findings(queries, 1, texts.QUERY_RULE);
    const models = await shown(path.join(given.shop.folder, 'models.py'));
    const [related] = found.relatedInformation;
    assert.equal(related.location.uri.fsPath, models.fileName);
    assert.match(models.lineAt(related.location.range.start).text, /^    name: /);
    await edit(models, (text) => text.replace(texts.OF_PRICE, texts.OF_NAME));
    await findings(queries, 0);
    await vscode.commands.executeCommand('undo');
    await findings(queries, 1);
    await findings(models, 0);
  },

  async 'a fix of a query in the file of its model'() {
    const file = path.join(given.shop.folder, 'models.py');
    const before = readFileSync(file, 'utf8');
    const queries = await shown(path.join(given.shop.folder, 'queries.py'));
    const [found] = await actions(queries);
    assert.equal(found.title, IN_MODEL);
    await apply(found);
    await findings(queries, 0);
    const models = await shown(file);
    assert.equal(models.getText(), before.replace(COLUMN, INDEXED), 'after the fix');
    await models.save();
    assert.equal(readFileSync(file, 'utf8'), models.getText());
    await vscode.commands.executeCommand('undo');
    await findings(queries, 1);
  },
};
