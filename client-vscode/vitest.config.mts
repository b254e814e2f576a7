/** How the unit tests run. In: nothing. Out: a configuration. Not here: the tests. */

import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["test/**/*.test.ts"] } });
