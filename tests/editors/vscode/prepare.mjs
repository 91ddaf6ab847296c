// Unpacks each version of VS Code, before tests that run side by side would each do it.
import { prepare, VERSIONS } from './workbench.mjs';

for (const version of Object.keys(VERSIONS)) prepare(version);
