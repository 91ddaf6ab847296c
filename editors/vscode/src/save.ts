import {
  CodeActionKind,
  TextDocumentSaveReason,
  workspace,
  type Disposable,
  type TextDocument,
  type TextDocumentWillSaveEvent,
  type TextEdit,
} from 'vscode';
import { CodeActionRequest, CodeActionResolveRequest, type LanguageClient } from 'vscode-languageclient/node';

const FIX_ALL = CodeActionKind.SourceFixAll.append('fumehood');
const PATIENCE = 1200; // milliseconds; who takes 1500 some times is not asked by VS Code again

/**
 * Fix what is saved, where `editor.codeActionsOnSave` says so. VS Code asks for these fixes by itself, but
 * gives up the question when any extension registers actions meanwhile, as many do in a window's first seconds.
 */
export function fixOnSave(current: () => LanguageClient | undefined): Disposable {
  return workspace.onWillSaveTextDocument((saved) => {
    const client = current();
    if (!client?.isRunning() || saved.document.languageId !== 'python' || !isAsked(saved)) return;
    const late = new Promise<TextEdit[]>((resolve) => setTimeout(() => resolve([]), PATIENCE));
    saved.waitUntil(Promise.race([edits(client, saved.document).catch(() => []), late]));
  });
}

/** Whether the setting asks for it when a document is saved for this reason. */
function isAsked({ document, reason }: TextDocumentWillSaveEvent): boolean {
  const given = workspace.getConfiguration('editor', document).get<object>('codeActionsOnSave') ?? {};
  const kinds = Array.isArray(given) ? given.map((kind) => [kind, 'explicit']) : Object.entries(given);
  const said = kinds
    .filter(([kind]) => CodeActionKind.Empty.append(String(kind)).contains(FIX_ALL))
    .map(([, value]: unknown[]) => value);
  if (said.includes('never') || said.includes(false)) return false;
  if (reason === TextDocumentSaveReason.FocusOut) return said.includes('always');
  return reason === TextDocumentSaveReason.Manual && said.length > 0;
}

/** All safe fixes of a document, none where there is nothing to fix. */
async function edits(client: LanguageClient, document: TextDocument): Promise<TextEdit[]> {
  const start = { line: 0, character: 0 };
  const offered = await client.sendRequest(CodeActionRequest.type, {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    range: { start, end: start },
    context: { only: [FIX_ALL.value], diagnostics: [] },
  });
  const [action] = offered ?? [];
  if (!action || !('kind' in action)) return [];
  const { edit } = await client.sendRequest(CodeActionResolveRequest.type, action);
  return (await client.protocol2CodeConverter.asWorkspaceEdit(edit))?.get(document.uri) ?? [];
}
