// Makes the .vsix: `node package.mjs WHEEL TARGET`, with the server's wheel inside.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.resolve(here, '../..');
const stage = path.join(root, 'build/vscode/extension');
const [wheel, target] = process.argv.slice(2);

rmSync(stage, { recursive: true, force: true });
for (const folder of ['dist', 'wheel']) mkdirSync(path.join(stage, folder), { recursive: true });
copyFileSync(path.join(here, 'dist/extension.js'), path.join(stage, 'dist/extension.js'));
copyFileSync(path.join(here, 'icon.png'), path.join(stage, 'icon.png'));
copyFileSync(wheel, path.join(stage, 'wheel', path.basename(wheel)));
for (const name of ['LICENSE', 'CHANGELOG.md']) copyFileSync(path.join(root, name), path.join(stage, name));

const { scripts, devDependencies, private: _, ...manifest } = JSON.parse(read('package.json'));
delete manifest.engines.node; // that of this build, not of VS Code
manifest.files = ['**'];
writeFileSync(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));

// The page of an installed extension shows pictures from inside it in this form only.
const readme = read('README.md').replace(/\]\((images\/[\w-]+\.png)\)/g, (_match, name) => {
  const picture = readFileSync(path.join(here, name)).toString('base64');
  return `](data:image/png;base64,${picture})`;
});
writeFileSync(path.join(stage, 'README.md'), readme);

mkdirSync(path.dirname(target), { recursive: true });
const vsce = path.join(here, 'node_modules/@vscode/vsce/vsce');
const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links'];
const done = spawnSync(process.execPath, [vsce, 'package', ...options, '--out', path.resolve(target)], {
  cwd: stage,
  stdio: ['ignore', 'inherit', 'inherit'],
});
process.exit(done.status ?? 1);

function read(name) {
  return readFileSync(path.join(here, name), 'utf8');
}
