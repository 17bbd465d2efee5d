//! What the command says about itself.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn help_teaches() {
    let sandbox = Sandbox::clipper();
    assert_snapshot!(sandbox.run(&["--help"]).stdout, @"
    Alert rules, a Grafana dashboard and a checked runbook from one catalogue of background jobs

    Usage: jobwatch [OPTIONS] [COMMAND]

    Commands:
      generate     Write the alert rules, their tests and the dashboard; the default
      check        Hold the runbook against the rules, and ask whether each alert can fire.
      lint         Find what makes rules silent or noisy, without Prometheus, in any files of rules.
      init         Write a first catalogue and its runbook
      runbook      Print the sections that the runbook lacks, in the form that `check` reads
      prove        Show with promtool that each alert fires when it should, and only then
      list         Print the jobs and the alerts as tables
      diff         Show what differs between two environments, or two commits, in words
      explain      Tell the long story of a finding, or list their codes
      schema       Print a JSON Schema of catalogues, by which editors complete and check them
      completions  Print completions for a shell
      help         Print this message or the help of the given subcommand(s)

    Options:
          --catalogue <PATH>
              The catalogue of jobs, or a folder of catalogues; can be given several times; `-` reads
              from standard input.
              
              Of a folder, all files are taken whose names end in .yaml or .yml, but for hidden ones and
              those in folders below. One without `service` and `jobs` is no catalogue: it is left out,
              with a note.
              
              Without this, jobs/catalogue.yaml in the working folder or, inside a Git repository, in
              the nearest folder above that has it, up to the root of the repository. A catalogue has at
              most 4 MiB and 240,000 values, keys among them. Up to 100 catalogues have up to 10,000
              jobs together.

          --out-dir <DIR>
              The folder that `alerts` and `dashboards` are in.
              
              Without this, the working folder, or the folder above in which jobs/catalogue.yaml was
              found. The path of the runbook that the catalogue names starts from here, too.

          --color <WHEN>
              When to use colours [default: auto]

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Always
              - never:  Never

      -v, --verbose
              Show all: files that are up to date, too, the whole diff with `--check`, and every finding

          --check
              Write nothing; show what would change and exit with 1 if anything would

          --stdout
              Print the files instead of writing them

          --take-over <NAME>
              Replace and remove the files of the catalogue NAME as well: what this one was called
              before.
              
              A catalogue is known by its name and its service, which stand at the head of its files.
              Without this, those of another catalogue are never touched.

          --target <NAME>
              Write these formats instead of those that the catalogue chooses as `targets`.
              
              Files of other formats are neither written nor removed. A run without this removes those
              that the catalogue does not choose.
              
              [possible values: prometheus, grafana, rule-tests, prometheus-operator, grafana-sidecar,
              grafana-operator, alertmanager, mixin]

          --faster <NUMBER>
              Divide every time in rules and routing by NUMBER, to try them out within minutes.
              
              Thresholds that are times, `for`, what is looked back over, and how long Alertmanager
              waits; what is counted a second is multiplied. Intervals and timeouts of the jobs have to
              be divided as well where they run. Texts stay as they are. It takes `--target prometheus`,
              `--target alertmanager` or both, and `--out-dir` or `--stdout`, so that these are not
              taken for the rules of the service.

          --overlay <FILE>
              Take what differs in an environment from FILE, a jsonnet object over the mixin.
              
              As in `{ _config+:: { alerts+: { BackgroundJobHighDuration+: { above: 900 } } } }`. The
              generated mixin lists all settings. They pass the same checks as those of a catalogue.
              What it makes of `prometheusRules`, `prometheusAlerts` and `grafanaDashboards` goes into
              every format.

          --jpath <FOLDER>
              Let the overlay import from FOLDER as well as from its own. Can be given several times

          --format <FORMAT>
              How `check`, `lint`, `list`, `prove` and `diff` print; it may stand behind them as well

              Possible values:
              - human:  With the text at fault underlined
              - json:   A list of objects
              - github: Workflow commands that GitHub shows on the lines they are about
              - sarif:  SARIF 2.1.0, for code scanning
              - junit:  JUnit XML, which CI servers show as tests

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Examples:
      jobwatch init                            write a first catalogue and its runbook
      jobwatch                                 write alerts/ and dashboards/ from jobs/catalogue.yaml
      jobwatch generate --check                say what would change, in words; for pipelines
      jobwatch check                           hold the runbook against the rules
      jobwatch check --format github           the same, as annotations of a pull request
      jobwatch --catalogue team/jobs.yaml --out-dir gitops
                                               another catalogue, into another folder
      jobwatch check --catalogue teams         all catalogues in a folder
      jobwatch lint rules/*.yaml               what makes rules silent or noisy, whoever wrote them
      jobwatch runbook --write                 add the sections that the runbook lacks
      jobwatch diff --revision main            what differs from another commit, in words
      jobwatch explain alert-never-fires       the long story of a finding
      jobwatch prove --rules old.rules.yaml    which of these rules fire when they should

    Exit codes:
      0  clean
      1  findings, or files that are not up to date
      2  could not run
    ");
    assert_snapshot!(sandbox.run(&["check", "--help"]).stdout, @"
    Hold the runbook against the rules, and ask whether each alert can fire.

    Every alert needs a section with its name, severity and threshold:

        ### Job Failures
        **Alert**: `BackgroundJobFailing`
        **Severity**: Warning
        **Threshold**: > 0.1 failures/sec for 5 minutes

    Findings that the catalogue suppresses are shown with their reason and fail nothing.
    People are shown the first 50 findings and programs the first 1,000: those that fail
    the check before others, and then how many more there are.

    Usage: jobwatch check [OPTIONS]

    Options:
          --runbook <FILE>
              The runbook; `-` reads it from standard input.
              
              Without this, the one that the catalogue names: below `--out-dir` if that is given, else
              below the nearest folder around the catalogue that has it, up to the root of its
              repository, else below the working folder. A catalogue on standard input counts as one in
              the working folder. A runbook has at most 2 MiB.

          --format <FORMAT>
              How findings are printed [default: human]

              Possible values:
              - human:  With the text at fault underlined
              - json:   A list of objects
              - github: Workflow commands that GitHub shows on the lines they are about
              - sarif:  SARIF 2.1.0, for code scanning
              - junit:  JUnit XML, which CI servers show as tests

          --fix
              First rewrite the runbook's Severity and Threshold lines that differ; nothing else in it
              is touched

          --rules <FILE>...
              Files of rules to look at as well, as `lint` does; can be given several times

          --scrape-interval <DURATION>
              How often series are scraped, as in `30s` [default: 15s].
              
              A range of less than twice as much holds a single sample too often.

          --retention <DURATION>
              For how long samples are kept, as in `30d`.
              
              Without this, what the catalogue says; without a catalogue, no range is too long.

          --overlay <FILE>
              Take what differs in an environment from FILE, a jsonnet object over the mixin.
              
              As in `{ _config+:: { alerts+: { BackgroundJobHighDuration+: { above: 900 } } } }`. The
              generated mixin lists all settings. They pass the same checks as those of a catalogue.
              What it makes of `prometheusRules`, `prometheusAlerts` and `grafanaDashboards` goes into
              every format.

          --jpath <FOLDER>
              Let the overlay import from FOLDER as well as from its own. Can be given several times

          --catalogue <PATH>
              The catalogue of jobs, or a folder of catalogues; can be given several times; `-` reads
              from standard input.
              
              Of a folder, all files are taken whose names end in .yaml or .yml, but for hidden ones and
              those in folders below. One without `service` and `jobs` is no catalogue: it is left out,
              with a note.
              
              Without this, jobs/catalogue.yaml in the working folder or, inside a Git repository, in
              the nearest folder above that has it, up to the root of the repository. A catalogue has at
              most 4 MiB and 240,000 values, keys among them. Up to 100 catalogues have up to 10,000
              jobs together.

          --out-dir <DIR>
              The folder that `alerts` and `dashboards` are in.
              
              Without this, the working folder, or the folder above in which jobs/catalogue.yaml was
              found. The path of the runbook that the catalogue names starts from here, too.

          --color <WHEN>
              When to use colours [default: auto]

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Always
              - never:  Never

      -v, --verbose
              Show all: files that are up to date, too, the whole diff with `--check`, and every finding

      -h, --help
              Print help (see a summary with '-h')
    ");
    assert!(sandbox.run(&["completions", "bash"]).stdout.contains("_jobwatch()"));
    assert!(sandbox.run(&["--version"]).stdout.starts_with("jobwatch "));
}
