import { commands, env, EventEmitter, Uri, version, window, workspace } from 'vscode';
import type { ExtensionContext } from 'vscode';
import { RULES, show } from './pages';
import { onDidChooseInterpreter } from './python';
import { fixOnSave } from './save';
import { Session } from './session';
import { NEEDS_RESTART } from './settings';

const DEBUG_INFORMATION = Uri.parse('fumehood-debug:/fumehood debug information.txt');
let information = '';
let session: Session | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('fumehood', { log: true });
  const own = (session = new Session(context, log));
  const debugInformationChanged = new EventEmitter<Uri>();
  const command = (name: string, run: () => unknown) =>
    commands.registerCommand(`fumehood.${name}`, run);
  context.subscriptions.push(
    log,
    debugInformationChanged,
    workspace.registerTextDocumentContentProvider(DEBUG_INFORMATION.scheme, {
      onDidChange: debugInformationChanged.event,
      provideTextDocumentContent: () => information,
    }),
    command('restart', () => own.restart()),
    command('installServer', () => own.installServer()),
    command('showMenu', () => own.menu()),
    command('showLog', () => log.show()),
    command('showRules', () => show(RULES)),
    command('showDebugInformation', () => showDebugInformation(own, debugInformationChanged)),
    command('fixAll', fixAll),
    fixOnSave(() => own.client),
    workspace.onDidGrantWorkspaceTrust(() => own.restart()),
    workspace.onDidChangeConfiguration((change) => {
      if (NEEDS_RESTART.some((setting) => change.affectsConfiguration(setting))) void own.restart();
    }),
  );
  void own.restart();
  const watch = await onDidChooseInterpreter(log, () => void own.follow());
  if (watch) context.subscriptions.push(watch);
}

export function deactivate(): Promise<void> | undefined {
  return session?.stop();
}

function fixAll(): Thenable<unknown> {
  return commands.executeCommand('editor.action.codeAction', {
    kind: 'source.fixAll.fumehood',
    apply: 'first',
  });
}

/** In a document that asks for nothing when it is closed. */
async function showDebugInformation(own: Session, changed: EventEmitter<Uri>): Promise<void> {
  const editor = [version, env.remoteName ?? 'local', process.platform, process.arch].join(', ');
  information = `VS Code: ${editor}\n${await own.debugInformation()}`;
  changed.fire(DEBUG_INFORMATION);
  await window.showTextDocument(await workspace.openTextDocument(DEBUG_INFORMATION));
}
