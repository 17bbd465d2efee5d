//! Where to go on from the dashboard. URLs have Grafana's variables in them.

use jobwatch_catalogue::label::JOB_NAME;

use super::board::Board;
use super::panel::Link;
use crate::model::{Alert, Model};
use crate::rules::runbook_url;

/// Returns a URL as Grafana and Markdown take it: a parenthesis would end a link in Markdown, and
/// Grafana takes `$` and `[[` for variables.
fn encoded(url: &str) -> String {
    let written = [('(', "%28"), (')', "%29"), ('$', "%24"), ('[', "%5B"), (']', "%5D")];
    written.iter().fold(url.to_owned(), |url, (sign, code)| url.replace(*sign, code))
}

/// Returns the link to the runbook.
pub(super) fn runbook(model: &Model<'_>) -> Link {
    Link { title: "Runbook".to_owned(), url: encoded(model.catalogue().runbook_url()) }
}

/// Returns the link to an alert's section of the runbook.
pub(super) fn section(alert: &Alert, model: &Model<'_>) -> Link {
    Link { title: alert.definition.heading.to_owned(), url: encoded(&runbook_url(alert, model)) }
}

/// Returns the link to the section of the runbook whose anchor is the value that is clicked.
pub(super) fn section_of_row(model: &Model<'_>) -> Link {
    let page = runbook(model);
    Link { url: format!("{}#${{__value.raw}}", page.url), ..page }
}

/// Returns the link to an alert's rule, with its state and what it tests, in Grafana. Grafana looks
/// a rule of a data source up by the two names.
pub(super) fn rule(alert: &str) -> String {
    format!("/alerting/${{datasource:text}}/{alert}/find")
}

/// Returns the links of a panel about an alert: to the runbook's section and to the alert itself.
pub(super) fn of_alert(alert: &Alert, model: &Model<'_>) -> [Link; 2] {
    let title = alert.name().to_string();
    [section(alert, model), Link { url: rule(&title), title }]
}

/// Returns the links of a job's name: the dashboard narrowed to it, with all other choices as they
/// are, and its logs where the catalogue says where these are.
pub(super) fn of_job(board: &Board<'_>) -> Vec<Link> {
    let catalogue = board.model().catalogue();
    let places = board.places().map(|label| format!("&${{{label}:queryparam}}"));
    let url = format!(
        "/d/{}?${{__url_time_range}}&${{datasource:queryparam}}{}&var-{JOB_NAME}=${{__value.raw}}",
        catalogue.dashboard_uid(),
        places.collect::<String>(),
    );
    let narrowed = Link { title: "Only this job".to_owned(), url };
    let logs = catalogue.logs_url().map(|url| Link {
        title: "Logs of this job".to_owned(),
        url: format!("{}${{__value.raw}}", encoded(url)),
    });
    [narrowed].into_iter().chain(logs).collect()
}
