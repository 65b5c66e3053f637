// The floors of the house. A room imports only from lower floors, and only through the other room's index.ts;
// rooms side by side don't import each other. Floors from the ground up:
const FLOORS = [
  ['foundation'],
  ['store'],
  ['witness'],
  ['vault'],
  ['egress'],
  ['adapter'],
  ['providers', 'coordinator', 'guard', 'governor'],
  ['pipeline'],
  ['runs'],
  ['bus', 'twin', 'chassis'],
  ['fabric'],
  ['wire'],
  ['server', 'client'],
  ['index.ts', 'schemas.ts'],
  ['cli'],
]

const place = (room) => (room.endsWith('.ts') ? `^src/${room.replace('.', '\\.')}$` : `^src/${room}/`)

const forbidden = [
  { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'src-never-imports-tests',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(tests|benchmarks|scripts)/' },
  },
  {
    name: 'rooms-are-entered-through-index',
    severity: 'error',
    comment: "Another room's inner files are private.",
    from: { path: '^src/([^/]+)/' },
    to: { path: '^src/([^/]+)/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$'] },
  },
  {
    name: 'single-files-enter-rooms-through-index',
    severity: 'error',
    from: { path: '^src/[^/]+\\.ts$' },
    to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index\\.ts$' },
  },
  {
    name: 'every-room-has-a-floor',
    severity: 'error',
    comment: 'What is not on the list of floors would escape its rules.',
    from: { path: '^src/', pathNot: FLOORS.flat().map(place) },
    to: {},
  },
  {
    name: 'no-dev-dependency-in-the-product',
    severity: 'error',
    from: { path: '^src/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'a-provider-imports-only-the-adapter',
    severity: 'error',
    from: { path: '^src/providers/(?!index)[^/]+/' },
    to: { pathNot: ['^src/adapter/index\\.ts$', '^src/providers/'] },
  },
  {
    name: 'providers-do-not-import-each-other',
    severity: 'error',
    from: { path: '^src/providers/[^/]+/([^/]+?)(\\.ts|/)' },
    to: { path: '^src/providers/[^/]+/', pathNot: '^src/providers/[^/]+/$1(\\.ts|/)' },
  },
]

FLOORS.forEach((rooms, floor) => {
  for (const room of rooms) {
    const above = FLOORS.slice(floor + 1).flat()
    const beside = rooms.filter((other) => other !== room)
    const closed = [...above, ...beside].map(place)
    // An empty list of paths would match every import: the top floor has no such rule.
    if (closed.length === 0) continue
    forbidden.push({
      name: `${room}-looks-only-down`,
      severity: 'error',
      from: { path: place(room) },
      to: { path: closed },
    })
  }
})

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types'] },
  },
}
