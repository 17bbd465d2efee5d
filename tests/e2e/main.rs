//! One file for each arrow between the parts.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

// No part depends on another that it should not know.
mod dependency_direction;
// Nor does a module, of another that knows it.
mod module_cycles;
// Nor is a file overlooked that a macro declares.
mod every_file_is_formatted;
// Catalogue to repository: what is committed is what is generated.
mod generated_files_are_current;
// Catalogue to pages: README and runbook name its jobs and alerts, with the thresholds that hold.
mod packages_are_publishable;
mod pages_name_every_job_and_alert;
// Rules to Prometheus: it reads what is generated, and its linter is content.
mod rules_load;
// Files to lint: it refuses what Prometheus refuses.
mod refusals_agree;
// Runs to metrics: what is exposed is what the rules read, and promtool is content.
mod metrics_are_well_formed;
// Runtime to simulations: what Prometheus is shown is what a process would expose.
mod simulations_are_played;
// Series to alerts: Prometheus fires each alert when it should, and only then.
mod alerts_fire;
// Overlays to rule tests: those of alerts that they leave as they are hold.
mod overlays_keep_their_tests;
mod own_settings_keep_their_tests;
// Alerts to people: Alertmanager routes each, and silences what another one says better.
mod alerts_are_routed;
// Calendars to alerts: what happens at night and at weekends is judged by the job's own calendar.
mod calendars_are_kept;
// Counters to alerts: what fails in turn with what succeeds is told without a break.
mod failures_are_counted;
// Event logs to alerts: a second opinion, apart from PromQL, of when each must fire and must not.
mod second_opinion;
// Clocks to alerts: half a minute between them makes nobody late.
mod clocks_may_differ;
// Copies of a job to alerts: clusters, environments and hosts are judged apart.
mod copies_are_judged_apart;
// Settings to rules and dashboard: a mixin changes what follows from each, and nothing else.
mod mixins;
// Rules to rule tests: whoever breaks a rule is told.
mod broken_rules_are_noticed;
// And so is whoever changes any part of a rule, or it is written down why not.
mod mutants;
// Texts to files: whatever a catalogue says, Prometheus and a reader of JSON read it as it was.
mod hostile_texts_read_back;
// Thousands of jobs to rules: the rules stay few, and Prometheus reads them.
mod many_jobs_stay_bounded;
// Replicas to their store: PostgreSQL keeps what is promised, whoever is killed, frozen or cut off.
mod replicas_share_postgres;
// Logs to PostgreSQL: one that panics about every statement stops no job.
mod lists_write_nothing;
mod logs_panic;
// Nor does anything that goes wrong at a call of it, of the clock or of the log.
mod every_call_of_postgres;
#[path = "../../crates/runtime/tests/ordeal/mod.rs"]
mod ordeal;
// Due times to round trips: each takes as few as it can, and what is not due takes none.
mod round_trips_are_few;
// Requests to their store: whoever asks twice is told the one run.
mod requests_meet;
// Strangers to rows: who locks what is kept about one job holds up no other.
mod rows_are_locked;
// Versions to their tables: one goes on with those of the next if it may, and says so if it may
// not.
mod postgres_tables_change;
// Strangers to a service: those that are slow keep it neither from its jobs nor from its probes.
mod slow_clients_harm_nobody;
// Clips and users to scores: on both databases, as the formulas say.
mod scores_follow_their_formulas;
