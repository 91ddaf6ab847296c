import { mkdir } from 'node:fs/promises';
import {
  commands,
  window,
  workspace,
  type ExtensionContext,
  type LogOutputChannel,
  type Uri,
} from 'vscode';
import { ExecuteCommandRequest, State, type LanguageClient } from 'vscode-languageclient/node';
import { makeClient } from './client';
import { find, isFound, isSame, type Found, type Missing } from './find';
import { install } from './install';
import { Status } from './status';

/** The one server of a window, from looking for it to its end. */
export class Session {
  client: LanguageClient | undefined;
  found: Found | Missing | undefined;
  private readonly status = new Status();
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ExtensionContext,
    private readonly log: LogOutputChannel,
  ) {
    context.subscriptions.push(this.status);
  }

  /** End the server if there is one, and start the one that is found now; one call after another. */
  restart(): Promise<void> {
    return this.inTurn(() => this.replace());
  }

  /** The same where another server is found than before; one that would be the same goes on. */
  follow(): Promise<void> {
    return this.inTurn(async () => {
      const found = await this.look();
      if (!this.found || !isSame(found, this.found)) await this.replace(found);
    });
  }

  stop(): Promise<void> {
    this.turn = this.turn.then(() => this.end());
    return this.turn;
  }

  async installServer(): Promise<void> {
    // A server that runs from there holds its files open.
    await this.stop();
    await install(this.context, this.log);
    await this.restart();
  }

  menu(): Promise<void> {
    return this.status.menu();
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(act).catch((error: unknown) => {
      this.log.error(error instanceof Error ? error : String(error));
      this.status.set('stopped', `It was not started; the log says why. ${String(error)}`);
    });
    return this.turn;
  }

  private async look(): Promise<Found | Missing> {
    const storage = this.context.globalStorageUri.fsPath;
    await mkdir(storage, { recursive: true });
    return find(storage, this.log);
  }

  /** `found` is what a search has come to already. */
  private async replace(found?: Found | Missing): Promise<void> {
    await this.end();
    this.status.set('starting', 'The server is looked for.');
    this.found = found ?? (await this.look());
    if (isFound(this.found)) await this.start(this.found);
    else this.miss(this.found);
  }

  private async start(server: Found): Promise<void> {
    const detail = `Version ${server.version}, from ${server.origin}: ${server.command}`;
    this.log.info(detail);
    const client = (this.client = makeClient(server, this.context, this.log, this.status));
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Running) this.status.set('running', detail);
      else if (newState === State.Starting) this.status.set('starting', detail);
      else this.status.set('stopped', `It stopped; the log says why. ${detail}`);
    });
    try {
      await client.start();
    } catch (error) {
      this.log.error(`The server did not start: ${String(error)}`);
      this.status.set('stopped', `It did not start; the log says why. ${detail}`);
      const answer = window.showErrorMessage(`fumehood: ${server.command} did not start.`, 'Show Log');
      void answer.then((chosen) => chosen && this.log.show());
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // Whatever state it is in, it is not used again.
    await client?.dispose().catch((error: unknown) => this.log.info(`At its end: ${String(error)}`));
  }

  private miss(missing: Missing): void {
    this.log.warn(missing.reason);
    this.status.set('missing', missing.reason);
    const buttons = missing.setting
      ? ['Open Settings', 'Show Log']
      : ['Install', 'Open Settings', 'Show Log'];
    void window.showErrorMessage(`fumehood: ${missing.reason}`, ...buttons).then((chosen) => {
      const setting = missing.setting ?? 'fumehood.interpreter';
      if (chosen === 'Install') return this.installServer();
      if (chosen === 'Show Log') return this.log.show();
      if (chosen) return commands.executeCommand('workbench.action.openSettings', setting);
      return undefined;
    });
  }

  /** What a report of a problem needs, with the server's own part where one runs. */
  async debugInformation(): Promise<string> {
    const { version } = this.context.extension.packageJSON as { version: string };
    const found = this.found;
    const lines = [
      `extension: ${version}`,
      `server: ${found ? (isFound(found) ? `${found.version} from ${found.origin}, ${found.command}` : found.reason) : 'not looked for'}`,
      `workspace: ${workspace.isTrusted ? 'trusted' : 'not trusted'}, ${workspace.workspaceFolders?.length ?? 0} folders`,
    ];
    const shown = (window.activeTextEditor ?? window.visibleTextEditors[0])?.document.uri;
    return [...lines, '', await this.ofServer(shown)].join('\n');
  }

  private async ofServer(shown: Uri | undefined): Promise<string> {
    if (!this.client?.isRunning()) return 'The server does not run.';
    const params = {
      command: 'fumehood.debugInformation',
      arguments: shown ? [this.client.code2ProtocolConverter.asUri(shown)] : [],
    };
    try {
      return await this.client.sendRequest(ExecuteCommandRequest.type, params);
    } catch (error) {
      return `The server gave no answer: ${String(error)}`;
    }
  }
}
