import { type ExtensionContext, type LogOutputChannel, Uri, workspace } from 'vscode';
import { LanguageClient, type Middleware, type StaticFeature, type StdioOptions } from 'vscode-languageclient/node';
import type { Found } from './find';
import { SCHEME, show } from './pages';
import { options } from './settings';
import type { Status } from './status';

const DOCUMENTS = ['file', 'untitled', 'vscode-remote'].flatMap((scheme) => [
  { scheme, language: 'python' },
  { scheme, pattern: '**/{fumehood,pyproject}.toml' },
]);

/** VS Code shows what a finding says with any hover on it; the server need not say it again. */
const DIAGNOSTICS_IN_HOVER: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...capabilities.experimental, diagnosticsInHover: true };
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};

/** A client of a server that was found; not started yet. */
export function makeClient(
  server: Found,
  context: ExtensionContext,
  log: LogOutputChannel,
  status: Status,
): LanguageClient {
  const logFile = workspace.getConfiguration('fumehood').get<string>('logFile')?.trim();
  // Not in the workspace: Python would take a file there for one of the server's modules.
  const executable = {
    command: server.command,
    args: [...server.args, ...(logFile ? ['--log-file', logFile] : [])],
    options: { cwd: context.globalStorageUri.fsPath },
  };
  const client: LanguageClient = new LanguageClient('fumehood', 'fumehood', executable, {
    documentSelector: DOCUMENTS,
    diagnosticCollectionName: 'fumehood',
    outputChannel: log,
    traceOutputChannel: log,
    middleware: middleware(context, status, () => client.isRunning()),
    stdioOptions: stdio(() => client.isRunning()),
  });
  client.registerFeature(DIAGNOSTICS_IN_HOVER);
  return client;
}

function middleware(context: ExtensionContext, status: Status, running: () => boolean): Middleware {
  const titles = new Map<string | number, string>(); // of what the server is at
  return {
    workspace: {
      // A server that a changed setting has ended meanwhile need not know; the next one asks.
      didChangeConfiguration: (sections, next) =>
        next(sections).catch((error: unknown) => {
          if (running()) throw error;
        }),
      configuration: ({ items }) =>
        items.map(({ scopeUri }) => options(context, scopeUri ? Uri.parse(scopeUri) : undefined)),
    },
    window: {
      showDocument: async (params, token, next) => {
        const uri = Uri.parse(params.uri);
        if (uri.scheme !== SCHEME) return next(params, token);
        await show(uri);
        return { success: true };
      },
    },
    handleWorkDoneProgress: (token, params, next) => {
      if (params.kind === 'end') {
        titles.delete(token);
        status.setProgress('');
        return next(token, params);
      }
      if (params.kind === 'begin') titles.set(token, params.title);
      const percentage = params.percentage === undefined ? '' : ` ${params.percentage}%`;
      status.setProgress(`${titles.get(token) ?? ''}${percentage}`.trim());
    },
  };
}

/** stderr is the server's log. What matters of it comes as messages too, once the server runs. */
function stdio(running: () => boolean): Required<StdioOptions> {
  return {
    stdout: () => undefined,
    stderr: (stream, channel) => {
      stream.setEncoding('utf8');
      stream.on('data', (said: string) => {
        for (const line of said.split(/\r?\n/).filter(Boolean)) {
          if (running()) channel.debug(line);
          else channel.info(line);
        }
      });
    },
  };
}
