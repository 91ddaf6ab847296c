import { commands, Uri } from 'vscode';

/** The scheme of the documents that the server writes: the rules' pages. */
export const SCHEME = 'fumehood';
export const RULES = Uri.from({ scheme: SCHEME, path: '/rules.md' });

/** Show one of the server's pages as a reader wants it. */
export async function show(page: Uri): Promise<void> {
  await commands.executeCommand('markdown.showPreview', page);
}
