import { workspace, type LogOutputChannel } from 'vscode';
import { environmentPython } from './install';
import { onPath, run } from './processes';
import { chosenInterpreter, probe, pythonsOnPath, type Python } from './python';

/** A server that can be started, and where it was found. */
export interface Found {
  command: string;
  args: string[];
  version: string;
  origin: string;
}

/** Why there is none: `setting` is the one that names something that does not work. */
export interface Missing {
  reason: string;
  setting?: 'fumehood.interpreter' | 'fumehood.path';
}

/** Whether two searches came to the same. */
export function isSame(one: Found | Missing, other: Found | Missing): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function isFound(result: Found | Missing): result is Found {
  return 'command' in result;
}

/**
 * Look for the server: the settings, the Python extension's interpreter, the PATH, and what
 * "Install Server" made. A setting that does not work is an error: nothing else is tried instead.
 */
export async function find(storage: string, log: LogOutputChannel): Promise<Found | Missing> {
  const settings = workspace.getConfiguration('fumehood');
  const interpreter = settings.get<string>('interpreter')?.trim();
  if (interpreter) return named(interpreter, storage);
  const command = settings.get<string>('path')?.trim();
  if (command) return namedCommand(command, storage);

  const looked: Python[] = [];
  const chosen = await chosenInterpreter(log);
  if (chosen) {
    const found = await inPython(chosen, 'the Python extension', storage, log, looked);
    if (found) return found;
  }
  for (const program of await onPath('fumehood')) {
    const found = await asCommand(program, 'the PATH', storage);
    if (typeof found !== 'string') return found;
    log.info(`${program} cannot be used: ${found}`);
  }
  const made = await environmentPython(storage);
  const found = made && (await inPython(made, 'its own environment', storage, log, looked));
  return found || { reason: await whyNone(looked, storage) };
}

async function named(interpreter: string, storage: string): Promise<Found | Missing> {
  const setting = 'fumehood.interpreter';
  const python = await probe(interpreter, storage);
  if (typeof python === 'string')
    return { setting, reason: `${interpreter} cannot be run (${setting}): ${python}` };
  if (!python.recent)
    return { setting, reason: `${interpreter} is Python ${python.version} (${setting}); 3.11 or newer is needed.` };
  if (python.fumehood === null)
    return { setting, reason: `${interpreter} (${setting}) has no fumehood installed.` };
  return server(python, python.fumehood, `the setting ${setting}`);
}

async function namedCommand(command: string, storage: string): Promise<Found | Missing> {
  const setting = 'fumehood.path';
  const found = await asCommand(command, `the setting ${setting}`, storage);
  if (typeof found !== 'string') return found;
  return { setting, reason: `${command} cannot be used (${setting}): ${found}` };
}

async function inPython(
  path: string,
  origin: string,
  storage: string,
  log: LogOutputChannel,
  looked: Python[],
): Promise<Found | undefined> {
  const python = await probe(path, storage);
  if (typeof python === 'string') {
    log.info(`${path} (${origin}) cannot be run: ${python}`);
    return undefined;
  }
  log.info(`${path} (${origin}): Python ${python.version}, fumehood ${python.fumehood ?? 'absent'}`);
  looked.push(python);
  if (!python.recent || python.fumehood === null) return undefined;
  return server(python, python.fumehood, origin);
}

/** The server of an interpreter; -P keeps the working folder off its path of modules. */
function server(python: Python, version: string, origin: string): Found {
  return { command: python.path, args: ['-P', '-m', 'fumehood', 'server'], version, origin };
}

/** The server behind a `fumehood` command; a string says why it cannot be used. */
async function asCommand(command: string, origin: string, cwd: string): Promise<Found | string> {
  const ran = await run(command, ['--version'], cwd);
  if (!ran.ok) return ran.reason;
  const version = /^fumehood (\S+)$/.exec(ran.stdout.trim())?.[1];
  if (!version) return `--version printed ${ran.stdout.slice(0, 80)}`;
  return { command, args: ['server'], version, origin };
}

async function whyNone(looked: Python[], storage: string): Promise<string> {
  const paths = await pythonsOnPath();
  const probed = await Promise.all(paths.map((each) => probe(each, storage)));
  const pythons = [...looked, ...probed.filter((each) => typeof each !== 'string')];
  if (!pythons.length) return 'No server was found, and no Python to run one: 3.11 or newer is needed.';
  if (!pythons.some((each) => each.recent)) {
    const old = pythons.map((each) => `${each.path} is ${each.version}`).join(', ');
    return `No server was found, and Python 3.11 or newer is needed to run one: ${old}.`;
  }
  return 'No server was found.';
}
