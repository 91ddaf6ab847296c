import { access, mkdir, readdir, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { ProgressLocation, window, workspace, type ExtensionContext, type LogOutputChannel } from 'vscode';
import { run, type Ran } from './processes';
import { chosenInterpreter, probe, pythonsOnPath } from './python';

const PATIENCE = 600_000; // milliseconds for one step of an installation

/** The interpreter of the environment that `install` makes, if it is there. */
export async function environmentPython(storage: string): Promise<string | undefined> {
  const python = inEnvironment(storage);
  try {
    await access(python);
    return python;
  } catch {
    return undefined;
  }
}

/** Make an environment of the extension's own with the server in it; false if there is none then. */
export async function install(context: ExtensionContext, log: LogOutputChannel): Promise<boolean> {
  const storage = context.globalStorageUri.fsPath;
  await mkdir(storage, { recursive: true });
  const base = await recentPython(storage, log);
  if (!base) {
    void window.showErrorMessage(
      'fumehood: no Python 3.11 or newer was found to install the server with. Name one in the setting fumehood.interpreter.',
    );
    return false;
  }
  const failure = await window.withProgress(
    { location: ProgressLocation.Notification, title: 'fumehood', cancellable: true },
    (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      const step = (message: string) => {
        progress.report({ message });
        log.info(message);
      };
      return make(base, storage, context.extensionPath, step, abort.signal);
    },
  );
  if (failure === undefined) return true;
  await rm(folder(storage), { recursive: true, force: true });
  if (failure === 'cancelled') return false;
  log.error(`The installation failed: ${failure}`);
  const answer = await window.showErrorMessage(
    `fumehood: the server could not be installed: ${failure}`,
    'Show Log',
  );
  if (answer) log.show();
  return false;
}

async function make(
  base: string,
  storage: string,
  extension: string,
  step: (message: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const limits = { timeout: PATIENCE, signal };
  const target = folder(storage);
  const attempt = async (command: string, ...args: string[]): Promise<Ran> =>
    signal.aborted ? { ok: false, reason: 'cancelled' } : run(command, args, storage, limits);

  step(`making an environment with ${base} …`);
  let made = await attempt(base, '-m', 'venv', '--clear', target);
  const python = inEnvironment(storage);
  let pip = [python, '-m', 'pip'];
  if (!made.ok) {
    // Debian keeps ensurepip in a package of its own; the pip that is there can stand in for it.
    made = await attempt(base, '-m', 'venv', '--clear', '--without-pip', target);
    pip = [base, '-m', 'pip', '--python', python];
  }
  if (made.ok) {
    step('installing the server …');
    const [command = base, ...args] = pip;
    made = await attempt(command, ...args, 'install', '--disable-pip-version-check', await wheel(extension));
  }
  if (signal.aborted) return 'cancelled';
  return made.ok ? undefined : made.reason;
}

/** The server that this extension brings along: of its own version, whatever an index has. */
async function wheel(extension: string): Promise<string> {
  const at = path.join(extension, 'wheel');
  const [file] = (await readdir(at)).filter((name) => name.endsWith('.whl'));
  if (!file) throw new Error(`${at} holds no wheel`);
  return path.join(at, file);
}

async function recentPython(storage: string, log: LogOutputChannel): Promise<string | undefined> {
  const named = workspace.getConfiguration('fumehood').get<string>('interpreter')?.trim();
  const chosen = await chosenInterpreter(log);
  for (const candidate of [named, chosen, ...(await pythonsOnPath())]) {
    if (!candidate) continue;
    const python = await probe(candidate, storage);
    if (typeof python !== 'string' && python.recent) return candidate;
  }
  return undefined;
}

function folder(storage: string): string {
  return path.join(storage, 'environment');
}

function inEnvironment(storage: string): string {
  const place = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return path.join(folder(storage), ...place);
}
