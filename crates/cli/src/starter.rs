//! The catalogue that a team starts from.

use jobwatch_catalogue::catalogue::DEFAULT_NAME;
use jobwatch_catalogue::metric::{JOB_EXECUTION_TOTAL, Metric};

const TEMPLATE: &str = include_str!("starter.yaml");

/// How the name of a first catalogue ends.
const JOBS: &str = "-jobs";

/// The most characters of a service in the name of its catalogue, which may have forty.
const MOST_OF_NAME: usize = 30;

/// Returns the text of a first catalogue of a service.
pub(crate) fn catalogue(service: &str) -> String {
    let stem = stem(service);
    let (name, namespace) = match stem.is_empty() {
        true => (DEFAULT_NAME.to_owned(), "my-namespace"),
        false => (format!("{stem}{JOBS}"), stem.as_str()),
    };
    TEMPLATE
        .replace("{metrics}", &metrics())
        .replace("{first}", JOB_EXECUTION_TOTAL.name)
        .replace("{namespace}", namespace)
        .replace("{name}", &name)
        // The last: whatever it says is left as it is.
        .replace("{service}", &quoted(service))
}

/// Returns what is left of a service in the name of its catalogue: small letters, digits and `-`,
/// from the first letter on. Empty if there is no letter.
fn stem(service: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = service.chars().map(kept).collect();
    let name = name.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    name.get(..MOST_OF_NAME).unwrap_or(name).trim_end_matches('-').to_owned()
}

/// Returns a list of the metrics that every process exposes, as comments.
fn metrics() -> String {
    let lines = |metric: &&Metric| {
        format!("#   {}{{{}}}\n#     {}", metric.name, metric.labels.join(", "), metric.help)
    };
    Metric::CONTRACT.iter().map(lines).collect::<Vec<_>>().join("\n")
}

/// Returns a text as YAML takes it for one: in quotes, as in JSON, unless it is a plain word.
fn quoted(text: &str) -> String {
    const OTHERWISE: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !OTHERWISE.contains(&text);
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use jobwatch_catalogue::yaml;
    use jobwatch_observability::check::check;
    use jobwatch_observability::outline::outline;
    use jobwatch_observability::{Generator, Model};

    use super::*;

    #[test]
    fn a_first_catalogue_is_clean_whatever_its_service_is_called() {
        for (service, name) in [
            ("shop", "shop-jobs"),
            ("Shop & Mall", "shop---mall-jobs"),
            ("42 {name}: \"x\" #", "name----x-jobs"),
            ("yes", "yes-jobs"),
            ("日本", "background-jobs"),
            (
                "a-service-with-a-name-that-is-far-too-long-for-a-catalogue",
                "a-service-with-a-name-that-is-jobs",
            ),
        ] {
            let text = catalogue(service);
            let parsed = yaml::parse(&text).unwrap_or_else(|error| panic!("{service}: {error:?}"));
            assert_eq!((parsed.catalogue.service(), parsed.catalogue.name()), (service, name));
            let model = Model::new(&parsed.catalogue).unwrap();
            let runbook = outline(&model, "").unwrap().completed;
            let failing: Vec<_> = check(&model, &parsed.positions, Some(&runbook));
            assert!(failing.iter().all(|finding| !finding.fails()), "{failing:#?}");
            assert!(Generator::new(&model).files().unwrap().len() > 3);
        }
    }

    #[test]
    fn what_is_commented_out_is_right_as_well() {
        let text = catalogue("shop");
        let commented = [
            "selector:",
            "  namespace: shop",
            "defaults:",
            "  timeout: 10m",
            "  owner: my-team",
            "alerts:",
            "  BackgroundJobNotRunning:",
            "    above: 6h",
            "    severity: critical",
            "  BackgroundJobHighDuration: off",
        ];
        let uncommented = |line: &str| match line.strip_prefix("# ") {
            Some(code) if commented.contains(&code) => format!("{code}\n"),
            _ => format!("{line}\n"),
        };
        let text: String = text.lines().map(uncommented).collect();
        let parsed = yaml::parse(&text).unwrap().catalogue;
        assert_eq!((parsed.selector().len(), parsed.thresholds().len()), (1, 2));
        assert_eq!(parsed.owner_of(&parsed.jobs()[0]), Some("my-team"));
        Model::new(&parsed).unwrap();
    }

    #[test]
    fn its_lines_are_short() {
        assert!(catalogue("shop").lines().all(|line| line.chars().count() <= 100));
    }
}
