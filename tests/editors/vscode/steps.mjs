// Steps of a person in a window of VS Code.
//
// A key or a click may be lost: while the workbench has not all of its commands yet, in a webview that does not
// hand keys on yet, in a list that is drawn anew or closed by a change of the focus. So each is done until its effect
// is seen, and none where its effect is there already.
import { setTimeout } from 'node:timers/promises';

export const PATIENCE = Number(process.env.FUMEHOOD_PATIENCE ?? 120_000); // milliseconds: a loaded machine
export const AGAIN = 8_000; // milliseconds until what was lost, or given up, is done again; twice that until the next time
const HANGS = 5_000; // milliseconds for one look
const PAUSE = 50; // milliseconds between two looks
const LATE = 'late';

/** What is done and waited for in a page. */
export class Steps {
  constructor(page) {
    this.page = page;
    this.steps = []; // what was waited for, for the message of a failure
    this.end = Infinity; // of the step that those that are taken now are a part of
  }

  /** Wait until something is so; what `holds` gives then. */
  until(what, holds, patience = PATIENCE) {
    return this.done(what, () => undefined, holds, patience, patience);
  }

  /**
   * Do something until its effect is seen; what `effect` gives. It is done again where there is none for `again`
   * milliseconds, then for twice as many and so on: what is slow, and not lost, has its time too.
   */
  async done(what, act, effect, again = AGAIN, patience = PATIENCE) {
    this.steps.push(what);
    const end = Math.min(Date.now() + patience, this.end);
    let problem;
    for (let wait = again; Date.now() < end; wait *= 2) {
      const seen = await this.look(effect, 0);
      if (seen) return seen;
      problem = await this.attempt(act, end);
      const later = await this.look(effect, problem ? 4 * PAUSE : Math.min(wait, end - Date.now()));
      if (later) return later;
    }
    const last = problem ? `, the last time because of: ${problem.message}` : '';
    throw new Error(`waited in vain until ${what}${last}`);
  }

  /** Do something that may have steps of its own until then; what was in its way. What is wrong ends the test. */
  async attempt(act, end) {
    const outer = this.end;
    this.end = end;
    try {
      await act();
    } catch (error) {
      if (error.code === 'ERR_ASSERTION') throw error;
      return error;
    } finally {
      this.end = outer;
    }
  }

  /** What is seen within so many milliseconds, at least one look. */
  async look(effect, patience) {
    const end = Date.now() + patience;
    for (;;) {
      // A frame that loads answers when it has loaded, which may be never.
      const seen = await Promise.race([effect(), setTimeout(HANGS, LATE, { ref: false })]);
      if (seen && seen !== LATE) return seen;
      if (Date.now() >= end) return undefined;
      await this.page.waitForTimeout(PAUSE);
    }
  }
}
