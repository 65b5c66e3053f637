#!/usr/bin/env node
// The door of the command. CommonJS, because the ESM loader of Node 20 costs a third of a short command's time.
// It answers the version itself and hands all else to the bundle that scripts/build.mjs makes: main(argv) → exit code.
'use strict'

const argv = process.argv.slice(2)

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`${require('../package.json').version}\n`)
} else {
  loadMain()
    .main(argv)
    .then((code) => {
      process.exitCode = code
    })
}

function loadMain() {
  try {
    return require('../dist/cli/main.js')
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes('dist/cli/main.js')) throw error
    process.stderr.write('ifab is not built yet: run `npm run build` in the folder of the package\n')
    process.exit(1)
  }
}
