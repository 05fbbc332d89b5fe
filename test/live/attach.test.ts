/** One version, in a few seconds; test/servers/live.matrix.ts has the others. */
import { liveScenarios, workerScenario } from './scenarios.js';

liveScenarios(15, 'strace');
workerScenario('strace');
