// A vitest reporter that writes what scripts/test.mjs counts into $TALLY_FILE: passed and failed tests, skipped ones with
// their reasons, and what fails outside any test (a file that doesn't load, a hook, an unhandled rejection).
import { writeFileSync } from 'node:fs'

/** @typedef {{ passed: number, failed: number, skipped: { test: string, reason: string }[] }} Tally */

export default class TallyReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Tally} */
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      tally.failed += [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0).length
      for (const test of module.children.allTests()) count(tally, module.relativeModuleId, test)
    }
    writeFileSync(process.env.TALLY_FILE ?? 'tally.json', JSON.stringify(tally))
  }
}

/**
 * @param {Tally} tally
 * @param {string} file
 * @param {import('vitest/node').TestCase} test
 */
function count(tally, file, test) {
  const result = test.result()
  if (result.state === 'passed') tally.passed += 1
  else if (result.state === 'skipped')
    tally.skipped.push({ test: `${file} > ${test.fullName}`, reason: result.note ?? 'no reason given' })
  else tally.failed += 1
}
