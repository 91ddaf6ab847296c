// A real VS Code of one version, from public npm packages: its workbench and its extension host
// come with code-server. Nothing is compiled; what is left out is what no test uses.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
const BUILD = path.join(ROOT, 'build/vscode');

// The oldest version that package.json of the extension names, and the newest that was published.
export const VERSIONS = {
  oldest: { packaged: '4.100.3', node: null },
  newest: { packaged: '4.139.1', node: '24.21.0' },
};

const EXTENSIONS = [
  'ini',
  'json',
  'markdown-basics',
  'markdown-language-features',
  'python',
  'theme-defaults',
  'theme-modern-icons',
  'theme-seti',
];
const NEEDED = [
  '@microsoft/1ds-core-js',
  '@microsoft/1ds-post-js',
  '@parcel/watcher',
  '@vscode/deviceid',
  '@vscode/iconv-lite-umd',
  '@vscode/native-watchdog',
  '@vscode/proxy-agent',
  '@vscode/ripgrep',
  '@vscode/spdlog',
  'cookie',
  'http-proxy-agent',
  'https-proxy-agent',
  'jschardet',
  'kerberos',
  'minimist',
  'native-watchdog',
  'node-pty',
  'tas-client',
  'tas-client-umd',
  'vscode-oniguruma',
  'vscode-regexpp',
  'vscode-textmate',
  'ws',
  'yauzl',
  'yazl',
];
const SETTINGS = {
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.wordBasedSuggestions': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.editor.enablePreview': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};
const PATIENCE = 300_000; // milliseconds: a loaded machine, not a slow workbench
const END_PATIENCE = 10_000; // milliseconds; processes that have ended may wait for init to notice

/** Unpack a version, unless that was done before; the program to run and the folder it is in. */
export function prepare(name) {
  const { packaged, node } = VERSIONS[name];
  const folder = path.join(BUILD, `workbench-${packaged}`);
  const program = node ? unpackNode(node) : process.execPath;
  if (!existsSync(folder)) {
    const fresh = `${folder}.new`;
    rmSync(fresh, { recursive: true, force: true });
    unpack(`code-server@${packaged}`, fresh, 'package/lib/vscode');
    const inside = path.join(fresh, 'package/lib/vscode');
    slim(inside);
    call('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-package-lock', '--silent'], inside);
    renameSync(inside, folder);
    rmSync(fresh, { recursive: true });
  }
  return { program, folder };
}

function unpackNode(version) {
  const name = `node-${process.platform}-${process.arch}@${version}`;
  const folder = path.join(BUILD, name.replace('@', '-'));
  if (!existsSync(folder)) {
    unpack(name, `${folder}.new`, 'package/bin/node');
    renameSync(`${folder}.new`, folder);
  }
  return path.join(folder, 'package/bin/node');
}

function unpack(name, folder, part) {
  mkdirSync(folder, { recursive: true });
  const [tarball] = call('npm', ['pack', '--silent', name], folder).trim().split('\n').slice(-1);
  call('tar', ['xzf', tarball, part], folder);
  rmSync(path.join(folder, tarball));
}

function slim(folder) {
  const extensions = path.join(folder, 'extensions');
  for (const each of readdirSync(extensions)) {
    if (!EXTENSIONS.includes(each)) rmSync(path.join(extensions, each), { recursive: true });
  }
  const manifest = readJson(path.join(folder, 'package.json'));
  const locked = readJson(path.join(folder, 'npm-shrinkwrap.json')).packages;
  const kept = NEEDED.filter((each) => each in manifest.dependencies);
  const dependencies = Object.fromEntries(
    kept.map((each) => [each, locked[`node_modules/${each}`].version]),
  );
  const slimmed = { name: manifest.name, version: manifest.version, type: manifest.type, dependencies };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(slimmed));
  rmSync(path.join(folder, 'npm-shrinkwrap.json'));
}

/** Start a VS Code with the extension installed; `data` is a new folder for all that it keeps. */
export async function start(name, { data, environment = {}, settings = {} }) {
  const { program, folder } = prepare(name);
  mkdirSync(path.join(data, 'u/User'), { recursive: true });
  const user = JSON.stringify({ ...SETTINGS, ...settings }, null, 2);
  writeFileSync(path.join(data, 'u/User/settings.json'), user);
  const main = path.join(folder, 'out/server-main.js');
  const common = [
    main,
    '--accept-server-license-terms',
    ...['--server-data-dir', data],
    ...['--user-data-dir', path.join(data, 'u')],
    ...['--extensions-dir', path.join(data, 'x')],
  ];
  // VSCODE_CLI: the environment is this one, not that of a login shell.
  const env = { ...process.env, HOME: data, VSCODE_CLI: '1', ...environment };
  delete env.NODE_OPTIONS;
  delete env.NODE_TEST_CONTEXT;
  call(program, [...common, '--install-extension', path.join(ROOT, 'dist/fumehood.vsix')], data, env);
  const port = await freePort();
  const address = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token'];
  const options = ['--telemetry-level', 'off', '--enable-smoke-test-driver'];
  const child = spawn(program, [...common, ...address, ...options], {
    cwd: data,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of processes of its own
  });
  process.once('exit', () => send(child, 'SIGKILL'));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (words) => (said += words));
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child, () => said);
  return { url, port, data, said: () => said, stop: () => stop(child) };
}

async function answers(url, child, said) {
  const until = Date.now() + PATIENCE;
  while (Date.now() < until && child.exitCode === null) {
    const answer = await fetch(`${url}/version`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop(child);
  throw new Error(`VS Code did not start:\n${said()}`);
}

/** End a VS Code with all that it has started, which would write into its folders for seconds after it. */
async function stop(child) {
  for (const [signal, patience] of [['SIGTERM', END_PATIENCE], ['SIGKILL', END_PATIENCE]]) {
    for (const until = Date.now() + patience; Date.now() < until; ) {
      if (!send(child, signal)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Send a signal to the processes of a VS Code; false if there is none. */
function send(child, signal) {
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function call(command, args, cwd, env = process.env) {
  const done = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 600_000 });
  if (done.status === 0) return done.stdout;
  throw new Error(`${command} ${args.join(' ')}: ${done.error ?? done.stderr ?? ''}${done.stdout ?? ''}`);
}
