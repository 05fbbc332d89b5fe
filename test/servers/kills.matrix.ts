/** Every way of ending a trace, ten times each; PGTRACE_KILLS=100 for a longer proof. */
import { VERSIONS, versionUnderTest } from './versions.js';

// What a tracer leaves behind does not depend on the server's version.
if (versionUnderTest() === Math.max(...VERSIONS)) {
  process.env.PGTRACE_KILLS ??= '10';
  await import('../live/endings.test.js');
  await import('../live/ftrace-kill.test.js');
}
