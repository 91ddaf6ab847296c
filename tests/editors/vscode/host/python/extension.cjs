// Stands in for the Python extension; `choose` is what its user does.
const vscode = require('vscode');

let chosen = '/no/such/python';
const changed = new vscode.EventEmitter();

module.exports.activate = () => ({
  environments: {
    getActiveEnvironmentPath: () => ({ id: chosen, path: chosen }),
    resolveEnvironment: async ({ path }) => {
      if (path === '/that/fails') throw new Error('it fails');
      return { executable: { uri: vscode.Uri.file(path) } };
    },
    onDidChangeActiveEnvironmentPath: changed.event,
  },
  choose(path) {
    chosen = path;
    changed.fire({ id: path, path });
  },
});
