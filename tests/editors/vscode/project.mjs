// What a test opens: a copy of an example with one more migration, and a server on the PATH.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './workbench.mjs';

export const PYTHON = path.join(ROOT, '.venv/bin/python');
// Not that of an environment, which has a fumehood of its own.
export const BASE_PYTHON = execFileSync(PYTHON, ['-I', '-c', 'import sys; print(sys._base_executable)'], {
  encoding: 'utf8',
}).trim();
const PYTHONPATH = ['server', 'rules'].map((each) => path.join(ROOT, each)).join(':');
const SOCKET = path.join(mkdtempSync(path.join(tmpdir(), 'fumehood-forks-')), 'socket');
const FORKED = `${PYTHON} -I -S ${path.join(ROOT, 'tests/forked.py')} ${SOCKET}`;
export const RIGHT = `${FORKED} -P -m fumehood server`;
export const WRONG = `${FORKED} ${path.join(ROOT, 'tests/lsp/wrong_server.py')}`;

/** Have a process import what servers need, and fork for each of them; it ends with this one. */
function startForks() {
  const options = { stdio: ['pipe', 'inherit', 'inherit'], env: { ...process.env, PYTHONPATH } };
  const forks = spawn(PYTHON, [path.join(ROOT, 'tests/forking.py'), SOCKET], options);
  for (const each of [forks, forks.stdin]) each.unref();
  process.once('exit', () => rmSync(path.dirname(SOCKET), { recursive: true, force: true }));
}
let forking = false;

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
  if (!forking) startForks();
  forking = true;
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

/** The process of the last server that was started so. */
export function pid(home) {
  return read(path.join(home, 'pid'));
}

/** The environment of a VS Code that finds `fumehood` on the PATH. */
export function environment(home) {
  return { PATH: `${home}/bin:${process.env.PATH}`, PYTHONPATH, XDG_CACHE_HOME: path.join(home, 'cache') };
}

/** Have the next server know nothing of what others have read. */
export function forget(home) {
  rmSync(path.join(home, 'cache'), { recursive: true, force: true });
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
