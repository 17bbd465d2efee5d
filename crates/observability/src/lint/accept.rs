//! Findings that the team knows and lives with.

use jobwatch_catalogue::{Acceptance, Catalogue};

use super::Places;
use crate::code::Code;
use crate::finding::Finding;

/// Marks the findings that the catalogue accepts, and adds one for each acceptance that accepts nothing.
pub fn accept(catalogue: &Catalogue, places: &dyn Places, findings: &mut Vec<Finding>) {
    let mut useless = Vec::new();
    for (index, acceptance) in catalogue.accepted().iter().enumerate() {
        let Some(code) = Code::from_name(&acceptance.code) else {
            useless.push(unknown(acceptance, places, index));
            continue;
        };
        let mut used = false;
        for finding in findings.iter_mut().filter(|finding| accepts(acceptance, code, finding)) {
            finding.accepted = Some(acceptance.reason.clone());
            used = true;
        }
        if !used {
            useless.push(unused(acceptance, code, places, index));
        }
    }
    findings.append(&mut useless);
}

fn accepts(acceptance: &Acceptance, code: Code, finding: &Finding) -> bool {
    finding.code == code
        && finding.alert == Some(acceptance.alert)
        && (acceptance.job.is_none() || acceptance.job == finding.job)
}

fn unused(acceptance: &Acceptance, code: Code, places: &dyn Places, index: usize) -> Finding {
    Finding {
        code: Code::AcceptanceUnused,
        alert: Some(acceptance.alert),
        job: acceptance.job.clone(),
        location: places.place(&format!("accept[{index}].code")),
        message: format!("there is no finding {code} about {} to accept", acceptance.alert),
        expected: None,
        found: Some(acceptance.code.clone()),
        hint: "remove this acceptance: what it accepted is no more".to_owned(),
        accepted: None,
    }
}

fn unknown(acceptance: &Acceptance, places: &dyn Places, index: usize) -> Finding {
    let near = Code::ALL
        .iter()
        .map(|code| (code, strsim::jaro_winkler(code.as_str(), &acceptance.code)))
        .filter(|(_, likeness)| *likeness > 0.8)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    Finding {
        code: Code::AcceptanceUnknown,
        alert: Some(acceptance.alert),
        job: acceptance.job.clone(),
        location: places.place(&format!("accept[{index}].code")),
        message: format!("there is no code {}", acceptance.code),
        expected: near.map(|(code, _)| code.to_string()),
        found: Some(acceptance.code.clone()),
        hint: match near {
            Some((code, _)) => format!("did you mean `{code}`?"),
            None => "`jobwatch explain` lists the codes".to_owned(),
        },
        accepted: None,
    }
}
