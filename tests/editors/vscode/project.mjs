// What a test opens: a copy of an example with one more migration, and a server on the PATH.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './workbench.mjs';

export const PYTHON = path.join(ROOT, '.venv/bin/python');
export const RIGHT = `${PYTHON} -P -m fumehood server`;
export const WRONG = `${PYTHON} ${path.join(ROOT, 'tests/lsp/wrong_server.py')}`;

// What is typed and expected, as in the other editors.
const printed = execFileSync(PYTHON, ['-I', path.join(ROOT, 'tests/editors/texts.py')], { encoding: 'utf8' });
export const TEXTS = JSON.parse(printed);
export const LINE = TEXTS.HEADER.split('\n').length; // of what upgrade() does

/** The text of the new migration. */
export function migration(upgrade) {
  return TEXTS.HEADER + upgrade + TEXTS.FOOTER;
}

/** A new folder for one VS Code: programs that it finds on the PATH, and all that it keeps. */
export function makeHome() {
  const home = mkdtempSync(path.join(tmpdir(), 'fumehood-vscode-'));
  mkdirSync(path.join(home, 'bin'));
  const program = path.join(home, 'bin/fumehood');
  // `command` says which server it is; `pid` is that of the last one.
  writeFileSync(
    program,
    `#!/bin/sh
test "$1" = --version && exec '${PYTHON}' -P -m fumehood --version
echo $$ > '${home}/pid'
exec $(cat '${home}/command')
`,
  );
  chmodSync(program, 0o755);
  use(home, RIGHT);
  return home;
}

export function removeHome(home) {
  rmSync(home, { recursive: true, force: true });
}

/** Have `fumehood` on the PATH start this server from now on. */
export function use(home, server) {
  writeFileSync(path.join(home, 'command'), server);
}

/** The environment of a VS Code that finds `fumehood` on the PATH. */
export function environment(home) {
  const PYTHONPATH = ['server', 'rules'].map((each) => path.join(ROOT, each)).join(':');
  return { PATH: `${home}/bin:${process.env.PATH}`, PYTHONPATH };
}

let copies = 0;

/** A copy of the example with the new migration and queries; the folder and the path of the migration. */
export function copyShop(home, upgrade = TEXTS.EMPTY) {
  copies += 1;
  const folder = path.join(home, `shop-${copies}`);
  cpSync(path.join(ROOT, 'examples/shop'), folder, { recursive: true });
  const file = path.join(folder, 'migrations/versions', TEXTS.NEW);
  writeFileSync(file, migration(upgrade));
  writeFileSync(path.join(folder, 'queries.py'), TEXTS.QUERIES);
  return { folder, file };
}

export function read(file) {
  return readFileSync(file, 'utf8');
}

/** Settings of a folder. */
export function writeSettings(folder, settings) {
  mkdirSync(path.join(folder, '.vscode'), { recursive: true });
  writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify(settings));
}
