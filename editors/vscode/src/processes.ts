import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import * as path from 'node:path';

/** What a program printed, or why there is nothing of it. */
export type Ran = { ok: true; stdout: string } | { ok: false; reason: string };

const PATIENCE = 30_000; // milliseconds; a cold disk, not a slow program

/** Run a program to its end, without a shell, in a folder that holds none of the user's code. */
export function run(
  command: string,
  args: string[],
  cwd: string,
  { timeout = PATIENCE, signal }: { timeout?: number; signal?: AbortSignal } = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, timeout, windowsHide: true, ...(signal && { signal }) };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ ok: true, stdout });
      const said = stderr.trim().split('\n').slice(-5).join('\n');
      resolve({ ok: false, reason: error.killed ? 'it did not end' : said || error.message });
    });
  });
}

/** The programs of these names on the PATH, first by name, then by folder. */
export async function onPath(...names: string[]): Promise<string[]> {
  // A relative entry would mean a folder of the workspace.
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(path.isAbsolute);
  const ending = process.platform === 'win32' ? '.exe' : '';
  const wanted = names.flatMap((name) => folders.map((folder) => path.join(folder, name + ending)));
  const runs = await Promise.all(wanted.map(isExecutable));
  return [...new Set(wanted.filter((_, index) => runs[index]))];
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
