// What is tried once more: a wait that was in vain. What is wrong is wrong the first time.

/** Do something for a test, and from anew once more where something did not come in time. */
export async function twice(t, attempt) {
  try {
    return await attempt();
  } catch (error) {
    if (error.code === 'ERR_ASSERTION') throw error;
    t.diagnostic(`tried once more, since the first time: ${error.stack}`);
    return attempt();
  }
}
