import { commands, env, version, window, workspace, type ExtensionContext } from 'vscode';
import { RULES, show } from './pages';
import { onDidChooseInterpreter } from './python';
import { Session } from './session';
import { NEEDS_RESTART } from './settings';

let session: Session | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const log = window.createOutputChannel('fumehood', { log: true });
  const own = (session = new Session(context, log));
  const command = (name: string, run: () => unknown) =>
    commands.registerCommand(`fumehood.${name}`, run);
  context.subscriptions.push(
    log,
    command('restart', () => own.restart()),
    command('installServer', () => own.installServer()),
    command('showMenu', () => own.menu()),
    command('showLog', () => log.show()),
    command('showRules', () => show(RULES)),
    command('showDebugInformation', () => showDebugInformation(own)),
    command('fixAll', fixAll),
    workspace.onDidGrantWorkspaceTrust(() => own.restart()),
    workspace.onDidChangeConfiguration((change) => {
      if (NEEDS_RESTART.some((setting) => change.affectsConfiguration(setting))) void own.restart();
    }),
  );
  await own.restart();
  const watch = await onDidChooseInterpreter(() => void own.restart());
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

async function showDebugInformation(own: Session): Promise<void> {
  const content = `VS Code: ${version}, ${env.remoteName ?? 'local'}, ${process.platform} ${process.arch}\n${await own.debugInformation()}\n`;
  await window.showTextDocument(await workspace.openTextDocument({ content, language: 'plaintext' }));
}
