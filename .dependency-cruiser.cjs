/** Import rules of the house: see docs/architecture.md. `npm run check` enforces them. */
const no = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: { path: to },
});

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    no('core-is-inner', '^core/', '^(functions|infra|cli|events|test|bench)/', 'core is the domain'),
    no('events-are-leaves', '^events/', '^(functions|core|infra|cli|test|bench)/'),
    no('functions-stay-thin', '^functions/', '^(infra|cli|test|bench)/'),
    no(
      'local-cloud-independent',
      '^infra/local/',
      '^(core|functions|cli|test|bench)/',
      'a codec bug must not agree with itself',
    ),
    no(
      'deploy-knows-no-local-cloud',
      '^infra/deploy/',
      '^infra/local/',
      'the same deployment serves the real one',
    ),
    no('faults-independent', '^infra/faults/', '^(core|functions|cli|test|bench)/'),
    no('nobody-imports-the-cli', '^(core|functions|infra|events)/', '^cli/'),
    no('no-tests-in-product', '^(core|functions|infra|events|cli)/', '^(test|bench)/'),
    {
      name: 'connectors-apart',
      severity: 'error',
      from: { path: '^core/connectors/([^/]+)/' },
      to: { path: '^core/connectors/([^/]+)/', pathNot: '^core/connectors/$1/' },
    },
    no(
      'pure-core-has-no-connectors',
      '^core/(job|plan|run|transfer|limits|types|errors|ports|formats|security|relational|convert|canonical)/',
      '^core/connectors/[^/]+/',
    ),
    no(
      'pure-core-has-no-sdk',
      '^core/(job|plan|run|transfer|limits|types|errors|ports|formats|relational|convert|canonical|dirty|verify)/',
      'node_modules/(tablestore|ali-oss|@alicloud|mysql2|pg)/',
    ),
    no(
      'relational-is-shared',
      '^core/relational/',
      '^core/(run|plan|transfer|stores|tablestore|invokers)/',
      'what both databases share knows no engine',
    ),
    no('stores-know-no-connector', '^core/stores/', '^core/connectors/'),
    no('kernels-know-only-bytes', '^core/kernels/', '^core/(?!kernels/)'),
    no(
      'leaves',
      '^core/(ports|types|errors)/',
      '^core/(job|plan|run|transfer|connectors|formats|stores|limits|security)/',
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules/.cache)/' },
  },
};
