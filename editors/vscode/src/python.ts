import { extensions, workspace, type Disposable, type LogOutputChannel, type Uri } from 'vscode';
import { onPath, run } from './processes';

/** What an interpreter says of itself; `fumehood` is the version that it has installed. */
export interface Python {
  path: string;
  version: string;
  recent: boolean;
  fumehood: string | null;
}

export const OLDEST = [3, 11] as const;

// Read by any Python, 2.7 included.
const PROBE = `
import json, sys
try:
    from fumehood import __version__ as fumehood
except Exception:
    fumehood = None
print(json.dumps({"version": list(sys.version_info[:3]), "fumehood": fumehood}))
`;

/** Ask an interpreter; a string says why it did not answer. */
export async function probe(path: string, cwd: string): Promise<Python | string> {
  const ran = await run(path, ['-c', PROBE], cwd);
  if (!ran.ok) return ran.reason;
  try {
    const { version, fumehood } = JSON.parse(ran.stdout) as {
      version: [number, number, number];
      fumehood: string | null;
    };
    const [major, minor] = version;
    const recent = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
    return { path, version: version.join('.'), recent, fumehood };
  } catch {
    return `it is no Python: it printed ${ran.stdout.slice(0, 80)}`;
  }
}

/** The interpreters on the PATH, the one that `python3` starts first. */
export function pythonsOnPath(): Promise<string[]> {
  const minors = ['3.14', '3.13', '3.12', '3.11'].map((minor) => `python${minor}`);
  return onPath('python3', ...minors, 'python');
}

/** The parts of the Python extension's interface that are used here. */
interface PythonExtension {
  environments: {
    getActiveEnvironmentPath(resource?: Uri): { path: string };
    resolveEnvironment(
      environment: { path: string },
    ): Promise<{ executable: { uri?: Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath(listener: () => void): Disposable;
  };
}

async function pythonExtension(): Promise<PythonExtension | undefined> {
  const extension = extensions.getExtension<PythonExtension>('ms-python.python');
  if (!extension) return undefined;
  const api = extension.isActive ? extension.exports : await extension.activate();
  return api?.environments ? api : undefined;
}

/** The interpreter that the Python extension has chosen for the first folder. */
export async function chosenInterpreter(log: LogOutputChannel): Promise<string | undefined> {
  // Whoever wrote an untrusted workspace could have chosen it, and put anything there.
  if (!workspace.isTrusted) return undefined;
  return unlessItFails(log, async () => {
    const environments = (await pythonExtension())?.environments;
    if (!environments) return undefined;
    const active = environments.getActiveEnvironmentPath(workspace.workspaceFolders?.[0]?.uri);
    const resolved = await environments.resolveEnvironment(active);
    return resolved?.executable.uri?.fsPath;
  });
}

/** Call a listener when another interpreter may have been chosen. */
export async function onDidChooseInterpreter(
  log: LogOutputChannel,
  listener: () => void,
): Promise<Disposable | undefined> {
  return unlessItFails(log, async () =>
    (await pythonExtension())?.environments.onDidChangeActiveEnvironmentPath(listener),
  );
}

/** What the Python extension answers; a failure of that extension is not one of this. */
async function unlessItFails<T>(log: LogOutputChannel, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    log.warn(`The Python extension gives no answer: ${String(error)}`);
    return undefined;
  }
}
