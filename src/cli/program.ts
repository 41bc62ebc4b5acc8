import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT, type ExitCode, InterruptedError, messageOf, RedlineError } from '../core/errors.js'
import type {
  AbCliOptions,
  AuditCliOptions,
  BaselineCliOptions,
  CompareCliOptions,
  DoctorCliOptions,
  GateCliOptions,
  HistoryCliOptions,
  RunCliOptions,
} from './options.js'
import type { World } from './world.js'

/**
 * Runs the command line and returns its exit code; never exits and never throws. What a command needs is loaded when it runs, so that
 * help comes at once.
 */
export async function main(argv: readonly string[], world: World): Promise<ExitCode> {
  const done: { code: ExitCode } = { code: EXIT.ok }
  try {
    await buildProgram(world, done).parseAsync(argv, { from: 'user' })
    return done.code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    return reportError(error, world)
  }
}

function reportError(error: unknown, world: World): ExitCode {
  const cause = world.signal.aborted ? new InterruptedError() : error
  if (!(cause instanceof RedlineError)) {
    const stack = cause instanceof Error ? (cause.stack ?? cause.message) : messageOf(cause)
    world.stderr.write(`redline: a defect of redline, please report it\n${stack}\n`)
    return EXIT.usage
  }
  world.stderr.write(`redline: ${cause.message}\n`)
  if (cause.hint !== undefined) world.stderr.write(`${cause.hint.replace(/^/gm, '  ')}\n`)
  return cause.exitCode
}

const RUN_EXAMPLES = `
Examples:
  redline run all --quick                               every scenario, in short rounds
  redline run hashes/profile-read --engine valkey@8.1   on an engine that redline gets for you
  redline run all --quick --engine redis@6.0,valkey@9.1 verdicts side by side
  redline run 'sets/*' --target redis://127.0.0.1:6379 --rounds 7
  redline run mine.yaml --set load.duration=2s --json > result.json
  redline run --command 'SET key:{key} {bytes 64}' --pipeline 16      (like redis-benchmark -t set -d 64 -P 16)
  redline run --command 'HSET user:{key} plan pro' --connections 50 --pipeline 16 --rate 20000 --duration 10s

Exit codes: 0 fine, 1 a claim was refuted, 2 usage, configuration or connection, 3 the measurement is invalid, 130 interrupted.`

const AUDIT_EXAMPLES = `
Examples:
  redline audit redis://cache-1                      everything, gently
  redline audit redis://cache-1 --sample 100k        estimates, in a moment
  redline audit redis://cache-2 --max-impact none    for replicas and copies
  redline audit redis://cache-1 --baseline b.json    only what is new, in CI
  redline audit redis.conf users.acl                 files alone, in CI
  redline audit redis://cache-1 --print-acl          the rights that it needs
  redline audit redis://cache-1 --watch 5s           memory, hits, evictions

It sends read commands only, and never writes.
Exit codes: 0 fine, 1 findings, 2 usage, configuration or connection,
3 too little was seen to say, 130 interrupted.`

const REPORT_EXAMPLES = `
Examples:
  redline report reports/latest
  redline report reports/latest --format markdown >> "$GITHUB_STEP_SUMMARY"
  redline report reports/latest --format sarif=audit.sarif --format junit=audit.xml
  redline report comparison.json --format html=comparison.html
  redline list formats                               what there is`

const FORMAT_HELP = 'how to show the result, on stdout or in a file; repeat it for several (redline list formats)'

const COMPARE_EXAMPLES = `
Examples:
  redline compare before/result.json reports/latest
  redline compare redis7/ valkey9/ --allow-different    two engines, and what else differs is told
  redline compare monday/ friday/ --drift 3%            on a machine that is known to be steady
  redline compare a/ b/ --format html=comparison.html   as a page (redline list formats)

A metric is worse (or better) when its ratio is beyond the limit and its whole 95% interval is, and the evidence holds
beside all other metrics; the same when the whole interval is within the limit; inconclusive otherwise.
Exit codes: 0 nothing worse, 1 worse (audits: new findings), 2 usage, or unlike things,
3 something could not be told.`

const AB_EXAMPLES = `
Examples:
  redline ab hashes/profile-read --a engine=redis@7.0 --b engine=valkey@9.1
  redline ab strings/counter-incr --b server.io-threads=4         A is as it is
  redline ab hashes/profile-read --a variant=one-field --b variant=whole-object --metric p50
  redline ab mine.yaml --a redis://old:6379 --b redis://new:6379 --until 2% --budget 10m
  redline ab mine.yaml --b engine=valkey@9.1 --fail-fast          a gate needs no more than one thing that is worse

Both sides are measured on this machine, their rounds in turns and in random order, until every interval is as narrow as --until
says or --budget is used up. The rules of the verdict are those of redline compare.
Exit codes: 0 B is not worse, 1 worse, 2 usage or connection, 3 something could not be told.`

const DOCTOR_EXAMPLES = `
Examples:
  redline doctor                                     before trusting a figure of this machine
  redline doctor mine.yaml --target redis://cache-1  with a scenario and a server of your own
  redline doctor --budget 3m --json > doctor.json

It watches the clock, timers and other users of the machine, and then compares a scenario with itself.`

const GATE_EXAMPLES = `
Examples:
  redline gate                                   reports/latest, by redline.config.yaml and reports/baselines
  redline gate run/ audit/ --json                several results, as JSON
  redline gate --format junit=gate.xml           for Jenkins and GitLab (redline list formats)
  redline gate reports/latest --history          and by the changes in reports/history

Thresholds stand in redline.config.yaml:
  gate:
    - 'hashes/profile-read one-field: p99 < 2ms'
    - 'findings.error == 0'
Exit codes: 0 pass, 1 fail, 2 usage or configuration, 3 inconclusive.`

function buildProgram(world: World, done: { code: ExitCode }): Command {
  const program = new Command('redline')
    .description('Benchmarks that are true and audits that are safe, for Redis and Valkey.')
    .version(world.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      getOutHelpWidth: () => world.stdout.columns ?? 100,
      getErrHelpWidth: () => world.stderr.columns ?? 100,
      outputError: (text, write) => write(`redline: ${text.replace(/^error: /, '')}`),
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart with:\n  redline run all --quick     measure a Redis, also where there is none\n  redline audit redis://...   read a keyspace, and say what is wrong\n  redline list                what can be run',
    )
  const command = (spec: string, summary: string) =>
    program.command(spec).description(summary).helpOption('-h, --help', 'print help').exitOverride()

  command('run', 'measure scenarios, or commands of your own')
    .argument('[scenarios...]', 'ids, globs, paths of YAML files, or all')
    .option('-t, --target <url>', 'a server that is there: redis://[user:password@]host[:port][/db], rediss://, unix://')
    .option('-e, --engine <names>', 'servers that redline gets and starts: redis, valkey@8.1, or several: redis@6.0,valkey@9.1')
    .option('--quick', 'short rounds, five of each: a first impression')
    .option('--rounds <n>', 'rounds of each variant', wholeNumber)
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .option('--set <field=value...>', 'override a field of the scenarios, such as load.duration=2s')
    .addOption(new Option('--allow <name...>', 'run although the target is ...').choices(['replica', 'memory', 'busy', 'dangerous']))
    .option('--timeout <duration>', 'for connecting to the server', '5s')
    .option('--out <folder>', 'where results are saved', 'reports')
    .option('--open', 'show the report in a browser')
    .option('--format <name[=file]>', FORMAT_HELP, several)
    .option('--json', 'short for --format json: the result document, and nothing else, on stdout')
    .optionsGroup('Without a scenario:')
    .option('-c, --command <line...>', "a command with placeholders, such as 'GET key:{key zipf}'; several take turns")
    .option('--connections <n>', 'connections')
    .option('-P, --pipeline <n>', 'requests under way on each connection')
    .option('--rate <n>', 'requests per second, whatever the server does (open loop)')
    .option('--arrival <kind>', 'poisson or constant, with --rate')
    .option('-d, --duration <duration>', 'measured time')
    .option('-n, --count <n>', 'requests, instead of a duration')
    .option('--warmup <duration>', 'time before the measured part')
    .option('-k, --keys <n>', 'keys that {key} runs over')
    .option('--driver <name>', 'wire or ioredis')
    .option('--protocol <n>', 'RESP version: 2 or 3')
    .optionsGroup('Both:')
    .option('--threads <n>', 'generator threads', wholeNumber)
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (scenarios: string[], options: RunCliOptions) => {
      const { runCommand } = await import('./commands/run.js')
      done.code = await runCommand(scenarios, options, world)
    })

  command('audit', 'read a keyspace and its server, and say what is wrong')
    .argument('<targets...>', 'a server: redis://[user:password@]host[:port][/db], rediss://, unix://; or redis.conf and ACL files')
    .option('--sample <keys>', 'read a random sample of so many keys (100k), instead of all')
    .option('--db <n...>', 'databases to read; all that have keys by default', wholeNumbers)
    .option('--no-replica', 'read the keys from the server that was named, also where a replica could give them')
    .option('--master <name>', 'behind a sentinel: which of the primaries that it watches')
    .option('--expect-role <role>', 'master or replica: what the server should be')
    .option('--rule <ids...>', 'only these rules: ids, or groups (ttl/*)')
    .option('--redact', 'show hashes in place of the names of keys')
    .option('--timeout <duration>', 'for connecting, and for each reply', '5s')
    .option('--seed <n>', 'seed of the sample', wholeNumber)
    .optionsGroup('What it may do to the server:')
    .option('--max-impact <limits>', "added p99 and share of the server's core (1ms,25%), or none")
    .option('--max-ops <n>', 'commands a second at most')
    .option('--max-time <duration>', 'seconds or minutes of reading at most; the report then says what is missing')
    .addOption(
      new Option(
        '--allow <name...>',
        'touch: ask for lengths although the server has no CLIENT NO-TOUCH, so that idle times start anew',
      ).choices(['touch']),
    )
    .option('--resume <result>', 'go on where an audit that ended early stopped: its folder')
    .optionsGroup('What counts:')
    .option('--config <file>', 'contracts, rules and suppressions; redline.config.yaml where there is one')
    .option('--fail-on <severity>', 'the least severe finding to exit with 1 for: error, warning or note')
    .option('--baseline <file>', 'report only what is not in this file')
    .option('--prune', 'take entries that are no longer so out of the baseline')
    .option('--update-baseline', 'write all that is found to the baseline')
    .option('--since <result>', 'an earlier result: what changed, and counters from there on')
    .optionsGroup('Instead of an audit:')
    .option('--suggest-contracts', 'print a first redline.config.yaml, made from what the keyspace holds')
    .option('--print-acl', 'print the least-privilege user for this server')
    .option('--watch <interval>', 'show memory, evictions, hit rate and commands over time; --max-time ends it')
    .optionsGroup('Output:')
    .option('--engine <name>', 'for files: the version whose defaults hold, such as redis@7.0')
    .option('--out <folder>', 'where results are saved', 'reports')
    .option('--open', 'show the report in a browser')
    .option('--format <name[=file]>', FORMAT_HELP, several)
    .option('--json', 'short for --format json: the result document, and nothing else, on stdout')
    .addHelpText('after', AUDIT_EXAMPLES)
    .action(async (targets: string[], options: AuditCliOptions) => {
      const { auditCommand } = await import('./commands/audit.js')
      done.code = await auditCommand(targets, options, world)
    })

  command('list', 'name what there is: scenarios, workloads, metrics, rules or formats')
    .argument('[kind]', 'scenarios, workloads, metrics, rules or formats', 'scenarios')
    .option('--json', 'as JSON')
    .action(async (kind: string, options: { json?: boolean }) => {
      const { listCommand } = await import('./commands/list.js')
      await listCommand(kind, options, world)
    })

  command('explain', 'say what a scenario, workload, metric or rule is')
    .argument('<name>', 'id of a scenario, workload or rule, path of a scenario, or name of a metric')
    .action(async (name: string) => {
      const { explainCommand } = await import('./commands/explain.js')
      await explainCommand(name, world)
    })

  command('report', 'show a saved result again')
    .argument('<result>', 'result.json, or the folder that it is in; or the JSON of a comparison or a gate')
    .option('--format <name[=file]>', `${FORMAT_HELP}; terminal by default`, several)
    .addHelpText('after', REPORT_EXAMPLES)
    .option('--open', 'show it in a browser, as the report.html beside it')
    .action(async (path: string, options: { format?: string[]; open?: boolean }) => {
      const { reportCommand } = await import('./commands/report.js')
      await reportCommand(path, options, world)
    })

  const compared = (it: Command) =>
    it
      .option('--limit <share>', 'what a change must exceed to be worse or better', '5%')
      .option('--drift <share>', 'what the speed of a machine may lose between two sittings, where that is not measured', '15%')
      .option('--metric <name...>', 'metrics to compare; throughput, p50, p99, server_cpu_us and errors by default')
      .option('--format <name[=file]>', FORMAT_HELP, several)
      .option('--json', 'short for --format json: the document, and nothing else, on stdout')

  compared(
    command('compare', 'say what changed from one saved result to another')
      .argument('<base>', 'result.json of a run or an audit, or its folder')
      .argument('<head>', 'the later one')
      .option('--allow-different', 'compare although scenario, engine, version, topology, configuration or machine differ'),
  )
    .addHelpText('after', COMPARE_EXAMPLES)
    .action(async (base: string, head: string, options: CompareCliOptions) => {
      const { compareCommand } = await import('./commands/compare.js')
      done.code = await compareCommand(base, head, options, world)
    })

  const inTurns = (it: Command) =>
    it
      .option('--limit <share>', 'what a change must exceed to be worse or better', '5%')
      .option('--metric <name...>', 'metrics to compare; throughput, p50, p99, server_cpu_us and errors by default')
      .option('--variant <name...>', 'only these variants of the scenario')
      .option('--full', "rounds as long as the scenario's own, instead of many short ones")
      .option('--set <field=value...>', 'override a field of the scenario')
      .option('--threads <n>', 'generator threads', wholeNumber)
      .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
      .addOption(new Option('--allow <name...>', 'measure although a server is ...').choices(['replica', 'memory', 'busy', 'dangerous']))
      .option('--timeout <duration>', 'for connecting to a server', '5s')

  inTurns(
    command('ab', 'measure two sides of a scenario in turns, and say whether they differ')
      .argument('<scenario>', 'id, or path of a YAML file')
      .option(
        '--a <word...>',
        'what the first side is: engine=redis@7.0, an address, server.<directive>=, driver=, variant=, load.<field>=',
      )
      .option('--b <word...>', 'what the second side is')
      .option('--until <share>', 'when intervals are narrow enough: this far either way', '3%')
      .option('--fail-fast', 'stop as soon as something is worse beyond doubt')
      .option('--budget <duration>', 'the longest that it may take', '5m'),
  )
    .option('--out <folder>', 'where results are saved', 'reports')
    .option('--open', 'show the report in a browser')
    .option('--format <name[=file]>', FORMAT_HELP, several)
    .option('--json', 'short for --format json: the document, and nothing else, on stdout')
    .addHelpText('after', AB_EXAMPLES)
    .action(async (scenario: string, options: AbCliOptions) => {
      const { abCommand } = await import('./commands/ab.js')
      done.code = await abCommand(scenario, options, world)
    })

  inTurns(
    command('doctor', 'say how steady this machine is, and what can be told from its noise')
      .argument('[scenario]', 'whose noise is measured; hashes/profile-read by default')
      .option('-t, --target <url>', 'a server that is there')
      .option('-e, --engine <name>', 'a server that redline gets and starts')
      .option('--budget <duration>', 'time for the rounds', '30s'),
  )
    .option('--json', 'print the document, and nothing else, on stdout')
    .addHelpText('after', DOCTOR_EXAMPLES)
    .action(async (scenario: string | undefined, options: DoctorCliOptions) => {
      const { doctorCommand } = await import('./commands/doctor.js')
      done.code = await doctorCommand(scenario, options, world)
    })

  compared(
    command('gate', 'say whether results pass: thresholds, baselines, history')
      .argument('[results...]', 'results of runs and audits; reports/latest by default')
      .option('--config <file>', 'where the thresholds are; redline.config.yaml where there is one')
      .option('--baseline <file>', 'the baseline of runs, instead of the one of this class of machines')
      .option('--baselines <folder>', 'where baselines are', 'reports/baselines')
      .option('--history', 'add the runs to the history of their machines, and fail for a change for the worse')
      .option('--histories <folder>', 'where histories are', 'reports/history')
      .option('--label <text>', 'what the runs are of, in the history: a commit; GITHUB_SHA or CI_COMMIT_SHA by default'),
  )
    .addHelpText('after', GATE_EXAMPLES)
    .action(async (results: string[], options: GateCliOptions) => {
      const { gateCommand } = await import('./commands/gate.js')
      done.code = await gateCommand(results, options, world)
    })

  const below = (parent: Command, spec: string, summary: string) =>
    parent.command(spec).description(summary).helpOption('-h, --help', 'print help').exitOverride()

  const baseline = command('baseline', 'keep what runs are compared with by redline gate')
  below(baseline, 'update', 'take runs into the baseline of their class of machines')
    .argument('<results...>', 'results of runs; from five sittings on the baseline knows how the machine varies')
    .option('--replace', 'begin anew: what was measured until now no longer counts')
    .option('--folder <folder>', 'where baselines are', 'reports/baselines')
    .option('--label <text>', 'what the runs are of: a commit; GITHUB_SHA or CI_COMMIT_SHA by default')
    .action(async (results: string[], options: BaselineCliOptions) => {
      const { updateBaselineCommand } = await import('./commands/baseline.js')
      done.code = await updateBaselineCommand(results, options, world)
    })
  below(baseline, 'list', 'name the baselines')
    .option('--folder <folder>', 'where baselines are', 'reports/baselines')
    .action(async (options: BaselineCliOptions) => {
      const { listBaselinesCommand } = await import('./commands/baseline.js')
      done.code = await listBaselinesCommand(options, world)
    })
  below(baseline, 'show', 'show the runs of a baseline')
    .argument('[name]', 'its file, or its class of machines; all by default')
    .option('--folder <folder>', 'where baselines are', 'reports/baselines')
    .action(async (name: string | undefined, options: BaselineCliOptions) => {
      const { showBaselineCommand } = await import('./commands/baseline.js')
      done.code = await showBaselineCommand(name, options, world)
    })

  const history = command('history', 'keep figures of runs over time, and find where they changed')
  below(history, 'add', 'add runs to the history of their class of machines')
    .argument('<results...>', 'results of runs')
    .option('--folder <folder>', 'where histories are', 'reports/history')
    .option('--label <text>', 'what the runs are of: a commit; GITHUB_SHA or CI_COMMIT_SHA by default')
    .action(async (results: string[], options: HistoryCliOptions) => {
      const { addHistoryCommand } = await import('./commands/history.js')
      done.code = await addHistoryCommand(results, options, world)
    })
  below(history, 'list', 'show where histories changed')
    .option('--folder <folder>', 'where histories are', 'reports/history')
    .option('--json', 'as JSON')
    .action(async (options: HistoryCliOptions) => {
      const { listHistoryCommand } = await import('./commands/history.js')
      done.code = await listHistoryCommand(options, world)
    })

  command('clean', 'remove the keys that a crashed run left on a server')
    .argument('[url]', 'the server; without it, what is on record is listed')
    .option('--timeout <duration>', 'for connecting to the server', '5s')
    .action(async (url: string | undefined, options: { timeout: string }) => {
      const { cleanCommand } = await import('./commands/clean.js')
      await cleanCommand(url, options, world)
    })

  command('schema', 'print the JSON Schema of a kind of file')
    .argument('<name>', 'scenario, run, audit or project (redline.config.yaml)')
    .action(async (name: string) => {
      const { schemaCommand } = await import('./commands/schema.js')
      await schemaCommand(name, world)
    })

  return program
}

function several(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text]
}

function wholeNumbers(text: string, before: number[] | undefined): number[] {
  return [...(before ?? []), wholeNumber(text)]
}

function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('it is not a whole number')
  return value
}
