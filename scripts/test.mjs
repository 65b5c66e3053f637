// `npm test`: everything that must hold, in one command that needs nothing set up before. Every check and every test
// counts once; all of them run even after one failed. The last line is `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from './lib/paths.mjs'
import { ensurePrograms } from './lib/programs.mjs'

const CHECKS = [
  { name: 'format and lint', script: 'format:check' },
  { name: 'types', script: 'typecheck' },
  { name: 'floors of the house', script: 'floors' },
  { name: 'generated files', script: 'generate:check' },
  { name: 'build', script: 'build' },
]

/** Longer than everything together takes; only a test that hangs gets here. */
const TIME_LIMIT_MS = 45 * 60_000

const total = { passed: 0, failed: 0, skipped: 0 }
/** @type {string[]} */
const failures = []

try {
  ensurePrograms()
  if (!installed()) {
    heading('npm ci')
    if ((await run('npm', ['ci'])).status !== 0) throw new Error('npm ci failed')
  }
  for (const check of CHECKS) {
    heading(check.name)
    verdict(check.name, (await run('npm', ['run', '--silent', check.script])).status === 0)
  }
  await runTests()
} catch (error) {
  console.error(error)
  verdict('test command', false)
}

if (failures.length > 0) console.log(`\nfailed: ${failures.join(', ')}`)
console.log(`\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed > 0 ? 1 : 0

async function runTests() {
  heading('tests')
  const folder = mkdtempSync(join(tmpdir(), 'ifab-test-'))
  const tallyFile = join(folder, 'tally.json')
  const reporters = ['--reporter=default', '--reporter=./scripts/lib/tally-reporter.mjs']
  const { status, output } = await run('node_modules/.bin/vitest', ['run', '--coverage', ...reporters], {
    TALLY_FILE: tallyFile,
  })
  const tally = readTally(tallyFile)
  rmSync(folder, { recursive: true, force: true })

  total.passed += tally.passed
  total.failed += tally.failed
  total.skipped += tally.skipped.length
  if (tally.failed > 0) failures.push(`${tally.failed} tests`)
  const belowThreshold = output.match(/ERROR: Coverage for .*/g) ?? []
  verdict('coverage', tally.finished && belowThreshold.length === 0)
  if (status !== 0 && tally.failed === 0 && belowThreshold.length === 0) verdict('vitest', false)

  if (tally.skipped.length > 0) heading('skipped')
  for (const { test, reason } of tally.skipped) console.log(`${test}\n    ${reason}`)
}

/**
 * @param {string} path
 * @returns {import('./lib/tally-reporter.mjs').Tally & { finished: boolean }}
 */
function readTally(path) {
  try {
    return { ...JSON.parse(readFileSync(path, 'utf8')), finished: true }
  } catch {
    // vitest died before its end: what did pass is unknown, and the run counts as failed.
    return { passed: 0, failed: 0, skipped: [], finished: false }
  }
}

/** Whether node_modules is what the lock file says, compared package by package: times of files prove nothing. */
function installed() {
  /** @param {string} path @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean }>} */
  const packagesOf = (path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')).packages
  try {
    const present = packagesOf('node_modules/.package-lock.json')
    return Object.entries(packagesOf('package-lock.json'))
      .filter(([path, wanted]) => path !== '' && !((wanted.optional || wanted.devOptional) && !present[path]))
      .every(([path, wanted]) => present[path]?.version === wanted.version)
  } catch {
    // One of the two files is missing or unreadable.
    return false
  }
}

/**
 * Runs a program, shows what it prints and keeps it; without a terminal, input, or settings of the user's own fabric.
 * @param {string} program
 * @param {string[]} args
 * @param {Record<string, string>} [extra]
 * @returns {Promise<{ status: number | null, output: string }>}
 */
function run(program, args, extra) {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('IFAB_'))
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: ROOT,
      env: { ...Object.fromEntries(own), NO_COLOR: '1', ...extra },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIME_LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    let output = ''
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      from.setEncoding('utf8').on('data', (text) => {
        output += text
        to.write(text)
      })
    }
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, output }))
  })
}

/** @param {string} text */
function heading(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 96 - text.length))}`)
}

/**
 * @param {string} name
 * @param {boolean} passed
 */
function verdict(name, passed) {
  total[passed ? 'passed' : 'failed'] += 1
  if (!passed) failures.push(name)
  console.log(`${passed ? '✓' : '✗'} ${name}`)
}
