//! Gives keys that were called otherwise in earlier versions their present names, and puts what may
//! stand in two places into one.

use super::keys::{self, Key, Kind};
use super::node::{Entry, Node, Value};
use super::problem::YamlProblem;
use crate::problem::Problems;

/// What stands at the top or in `defaults`: the same in both.
const OF_ALL_JOBS: [&str; 2] = ["alerts", "labels"];
/// The earlier name that whoever uses it is told about. The others read as well as the present
/// ones.
const OUTDATED: &str = "accept";

/// Renames and moves what has to be, and returns what to tell about it.
pub(super) fn settle(root: &mut Node, problems: &mut Problems<YamlProblem>) -> Vec<YamlProblem> {
    let mut notices = Vec::new();
    let Value::Map(entries) = &mut root.value else { return notices };
    rename(entries, &keys::CATALOGUE, problems, &mut notices);
    for entry in entries.iter_mut() {
        match (entry.key.as_str(), &mut entry.node.value) {
            ("defaults", Value::Map(defaults)) => rename(defaults, &keys::DEFAULTS, problems, &mut notices),
            ("jobs", Value::List(jobs)) => {
                for job in jobs {
                    if let Value::Map(job) = &mut job.value {
                        rename(job, &keys::JOB, problems, &mut notices);
                    }
                }
            }
            _ => {}
        }
    }
    move_up(entries, problems);
    notices
}

fn rename(
    entries: &mut Vec<Entry>,
    known: &[Key],
    problems: &mut Problems<YamlProblem>,
    notices: &mut Vec<YamlProblem>,
) {
    for Key { name: earlier, value, .. } in known {
        let Kind::EarlierNameOf(present) = value else { continue };
        let Some(mut entry) = take(entries, earlier) else { continue };
        if Entry::find(entries, present).is_some() {
            let message = format!("`{earlier}` is the earlier name of `{present}`, which is there as well");
            problems.add(|| about(&entry, message, format!("move what it holds to `{present}`")));
            continue;
        }
        if *earlier == OUTDATED {
            let message = format!("`{earlier}` is now called `{present}`");
            notices.push(about(&entry, message, "rename the key".to_owned()));
        }
        (*present).clone_into(&mut entry.key);
        put(entries, entry);
    }
}

/// Moves from `defaults` to the top what may stand in both.
fn move_up(entries: &mut Vec<Entry>, problems: &mut Problems<YamlProblem>) {
    for key in OF_ALL_JOBS {
        let defaults = entries.iter_mut().find(|entry| entry.key == "defaults");
        let Some(Value::Map(defaults)) = defaults.map(|entry| &mut entry.node.value) else { return };
        let Some(entry) = take(defaults, key) else { continue };
        if Entry::find(entries, key).is_some() {
            let message = format!("`{key}` is there at the top as well, where it means the same");
            problems.add(|| about(&entry, message, "keep one of them".to_owned()));
            continue;
        }
        put(entries, entry);
    }
}

fn take(entries: &mut Vec<Entry>, key: &str) -> Option<Entry> {
    let at = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(at))
}

fn put(entries: &mut Vec<Entry>, entry: Entry) {
    let at = entries.partition_point(|known| known.key < entry.key);
    entries.insert(at, entry);
}

fn about(entry: &Entry, message: String, hint: String) -> YamlProblem {
    YamlProblem { position: entry.key_position.clone(), path: entry.key.clone(), message, hint: Some(hint) }
}
