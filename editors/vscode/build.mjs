// Bundles src/ into the one file that VS Code loads.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  bundle: true,
  platform: 'node',
  // What the oldest supported VS Code runs on.
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  // The libraries' CommonJS wrappers hide from the bundler what is not used.
  mainFields: ['module', 'main'],
  minify: true,
  sourcemap: false,
  legalComments: 'eof',
});
