import { workspace, type ExtensionContext, type Uri } from 'vscode';

const OWN = ['interpreter', 'path', 'logFile', 'trace.server'];

/** Whether a change of this setting needs another server, rather than a word to the one that runs. */
export const NEEDS_RESTART = ['fumehood.interpreter', 'fumehood.path', 'fumehood.logFile'];

/**
 * The options that somebody has set for a folder. A setting's default is left out: it would win over
 * what the project's own configuration files say.
 */
export function options(context: ExtensionContext, folder?: Uri): Record<string, unknown> {
  const settings = workspace.getConfiguration('fumehood', folder);
  const given: Record<string, unknown> = {};
  for (const key of keys(context)) {
    const found = settings.inspect(key);
    const values = [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue];
    // Tables of several places are merged.
    if (values.some((value) => value !== undefined)) given[key] = settings.get(key);
  }
  return given;
}

function keys(context: ExtensionContext): string[] {
  const { contributes } = context.extension.packageJSON as {
    contributes: { configuration: { properties: object }[] };
  };
  return contributes.configuration
    .flatMap((category) => Object.keys(category.properties))
    .map((key) => key.slice('fumehood.'.length))
    .filter((key) => !OWN.includes(key));
}
