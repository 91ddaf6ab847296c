// Makes the .vsix: `node package.mjs WHEEL TARGET`, with the server's wheel inside.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const stage = path.join(root, 'build/vscode/extension');
const [wheel, target] = process.argv.slice(2);

rmSync(stage, { recursive: true, force: true });
for (const folder of ['dist', 'wheel']) mkdirSync(path.join(stage, folder), { recursive: true });
copyFileSync(path.join(here, 'dist/extension.js'), path.join(stage, 'dist/extension.js'));
copyFileSync(path.join(here, 'icon.png'), path.join(stage, 'icon.png'));
cpSync(path.join(here, 'images'), path.join(stage, 'images'), { recursive: true });
copyFileSync(wheel, path.join(stage, 'wheel', path.basename(wheel)));
for (const name of ['LICENSE', 'CHANGELOG.md']) copyFileSync(path.join(root, name), path.join(stage, name));

const { scripts, devDependencies, private: _, ...manifest } = JSON.parse(read('package.json'));
delete manifest.engines.node; // that of this build, not of VS Code
manifest.files = ['**'];
writeFileSync(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));

// An extension's page shows pictures from the web only, which need the manifest's `repository`.
const readme = read('README.md');
const pictures = /^!\[[^\]]*\]\(images\/[\w-]+\.png\)\n\n/gm;
writeFileSync(path.join(stage, 'README.md'), manifest.repository ? readme : readme.replace(pictures, ''));

mkdirSync(path.dirname(target), { recursive: true });
const vsce = path.join(here, 'node_modules/@vscode/vsce/vsce');
const options = ['--no-dependencies', ...(manifest.repository ? [] : ['--allow-missing-repository'])];
const done = spawnSync(process.execPath, [vsce, 'package', ...options, '--out', path.resolve(target)], {
  cwd: stage,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exit(done.status ?? 1);

function read(name) {
  return readFileSync(path.join(here, name), 'utf8');
}
