use e2e::generated::model;
use e2e::repository::{self, CLIPPER};
use jobwatch_catalogue::{JobSpec, duration};
use jobwatch_observability::model::Alert;
use jobwatch_observability::quantity::Quantity;

/// The cells of the tables whose first column has this title, without code spans.
fn rows(page: &str, title: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect()
    };
    let text = repository::read(page);
    let mut rows = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('|') && cells(line)[0] == title {
            rows.extend(lines.by_ref().skip(1).take_while(|line| line.starts_with('|')).map(cells));
        }
    }
    rows
}

/// How many seconds "every 5m", "every 60 minutes", "every minute" and "1 hour" are.
fn seconds(words: &str) -> u64 {
    let words = words.trim_start_matches("every ");
    if let Ok(short) = duration::parse(words) {
        return short.as_secs();
    }
    let (number, unit) = words.split_once(' ').unwrap_or(("1", words));
    let unit = match unit.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        other => panic!("{other} is no unit of time"),
    };
    number.parse::<u64>().unwrap() * unit
}

fn interval(job: &JobSpec) -> u64 {
    let schedule = job.schedule();
    assert_eq!(schedule.longest_gap(), schedule.shortest_gap(), "the pages speak of intervals alone");
    schedule.longest_gap().as_secs()
}

#[track_caller]
fn check_jobs(page: &str, due: usize) {
    let catalogue = repository::catalogue(CLIPPER);
    let said: Vec<_> = rows(page, if page == "README.md" { "job" } else { "Job" })
        .into_iter()
        .map(|row| {
            let (interval, timeout) = (seconds(&row[due]), seconds(&row[due + 1]));
            (row[0].clone(), interval, timeout, row[due + 2].clone(), !row[due + 3].is_empty())
        })
        .collect();
    let expected: Vec<_> = catalogue
        .jobs()
        .iter()
        .map(|job| {
            let (name, variable) = (job.name().to_string(), job.interval_variable().to_owned());
            (name, interval(job), job.timeout().as_secs(), variable, job.queue().is_some())
        })
        .collect();
    assert_eq!(said, expected, "{page}");
}

#[test]
fn the_readme_lists_the_jobs_of_the_catalogue() {
    check_jobs("README.md", 1);
}

#[test]
fn the_runbook_lists_the_jobs_of_the_catalogue() {
    check_jobs("docs/runbooks/background-jobs.md", 2);
}

#[test]
fn the_readme_lists_the_alerts_with_their_severities_and_thresholds() {
    let said: Vec<Vec<String>> = rows("README.md", "alert");
    let catalogue = repository::catalogue(CLIPPER);
    let model = model(&catalogue);
    assert_eq!(said.len(), model.alerts().len());
    for (row, alert) in said.iter().zip(model.alerts()) {
        let hold = if alert.hold == 0 { String::new() } else { Quantity::Duration(alert.hold).to_string() };
        let severity = alert.severity.as_str();
        assert_eq!([&row[0], &row[1], &row[3]], [alert.name().as_str(), severity, &hold]);
        let threshold = threshold(alert);
        assert!(row[2].contains(&threshold), "{}: `{}` does not say {threshold}", row[0], row[2]);
    }
}

/// The threshold of an alert as the README has it.
fn threshold(alert: &Alert) -> String {
    match alert.stated_threshold() {
        Some(rate @ Quantity::PerSecond(_)) => format!("than {} ", rate.to_promql()),
        Some(Quantity::Ratio(millionths)) => format!("{} %", millionths / 10_000),
        Some(Quantity::Duration(seconds)) if seconds < 3_600 => format!("{seconds} s"),
        Some(Quantity::Duration(seconds)) => format!("{} hours", seconds / 3_600),
        Some(Quantity::Count(3)) => "three".to_owned(),
        Some(Quantity::Count(number)) => format!("above {number}"),
        None => String::new(),
    }
}
