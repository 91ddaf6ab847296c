import {
  commands,
  languages,
  MarkdownString,
  StatusBarAlignment,
  ThemeColor,
  window,
  type Disposable,
  type QuickPickItem,
  type StatusBarItem,
} from 'vscode';

export type Condition = 'starting' | 'running' | 'stopped' | 'missing';

const ICONS: Record<Condition, string> = {
  starting: '$(loading~spin)',
  running: '$(beaker)',
  stopped: '$(circle-slash)',
  missing: '$(warning)',
};
const WORDS: Record<Condition, string> = {
  starting: 'is starting',
  running: 'is running',
  stopped: 'has stopped',
  missing: 'has no server',
};
const SELECTOR = [
  { language: 'python' },
  { pattern: '**/{fumehood,pyproject}.toml' },
  { scheme: 'fumehood' },
];

/** The item in the status bar: how the server is; its menu is what can be done about that. */
export class Status implements Disposable {
  private readonly item: StatusBarItem;
  private readonly watch: Disposable;
  private condition: Condition = 'starting';
  private detail = '';
  private progress = '';

  constructor() {
    this.item = window.createStatusBarItem('fumehood.status', StatusBarAlignment.Right, 100);
    this.item.name = 'fumehood';
    this.item.command = 'fumehood.showMenu';
    this.watch = window.onDidChangeActiveTextEditor(() => this.show());
    this.draw();
  }

  /** `detail` is a sentence: the server's version and origin, or what is wrong. */
  set(condition: Condition, detail: string): void {
    Object.assign(this, { condition, detail, progress: '' });
    this.draw();
  }

  /** How far the server is with something that takes time; empty when it is done. */
  setProgress(progress: string): void {
    this.progress = progress;
    this.draw();
  }

  async menu(): Promise<void> {
    const restart = this.condition === 'missing' ? 'Look for the server again' : 'Restart the server';
    const items: (QuickPickItem & { command?: string })[] = [
      ...(this.condition === 'missing'
        ? [{ label: '$(cloud-download) Install the server', command: 'fumehood.installServer' }]
        : []),
      { label: `$(debug-restart) ${restart}`, command: 'fumehood.restart' },
      { label: '$(output) Show the log', command: 'fumehood.showLog' },
      { label: '$(info) Show debug information', command: 'fumehood.showDebugInformation' },
      ...(this.condition === 'running'
        ? [{ label: '$(book) Show the documentation of the rules', command: 'fumehood.showRules' }]
        : []),
    ];
    // A separator would be drawn over the first item, of which a long path leaves nothing.
    const title = `fumehood ${WORDS[this.condition]}`;
    const chosen = await window.showQuickPick(items, { title, placeHolder: this.detail });
    if (chosen?.command) await commands.executeCommand(chosen.command);
  }

  dispose(): void {
    this.watch.dispose();
    this.item.dispose();
  }

  private draw(): void {
    const text = this.progress ? `fumehood: ${this.progress}` : 'fumehood';
    this.item.text = `${ICONS[this.progress ? 'starting' : this.condition]} ${text}`;
    this.item.tooltip = new MarkdownString(`fumehood ${WORDS[this.condition]}.\n\n${this.detail}`);
    this.item.accessibilityInformation = { label: `fumehood ${WORDS[this.condition]}` };
    if (this.condition === 'missing' || this.condition === 'stopped')
      this.item.backgroundColor = new ThemeColor('statusBarItem.warningBackground');
    else this.item.backgroundColor = undefined;
    this.show();
  }

  /** Seen where it matters: beside Python and configuration, or when something is wrong. */
  private show(): void {
    const document = window.activeTextEditor?.document;
    const matters = document && SELECTOR.some((each) => languages.match(each, document) > 0);
    if (matters || this.condition !== 'running') this.item.show();
    else this.item.hide();
  }
}
