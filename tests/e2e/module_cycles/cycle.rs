//! Finds cycles, among files and among folders.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::edges::Edges;

/// Which of a crate's folders each folder uses: the modules right below its root, each with all
/// that is in it. The root itself is none: it names them all.
pub(super) fn folders(edges: &Edges) -> Edges {
    let mut folders = Edges::new();
    for (file, targets) in edges {
        let Some(folder) = folder(file) else { continue };
        let others = targets.iter().filter_map(|target| self::folder(target));
        let others = others.filter(|other| *other != folder).map(str::to_owned);
        folders.entry(folder.to_owned()).or_default().extend(others);
    }
    folders
}

/// The module right below the root that a file belongs to. `None` for the root.
fn folder(file: &str) -> Option<&str> {
    let module = file.split('/').next().unwrap_or(file);
    let module = module.strip_suffix(".rs").unwrap_or(module);
    (!matches!(module, "lib" | "main")).then_some(module)
}

/// A shortest cycle through each file that takes part in one, each cycle once, as a chain of paths.
pub(super) fn cycles(edges: &Edges) -> Vec<String> {
    let mut told: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    let mut chains = Vec::new();
    for start in edges.keys() {
        let Some(cycle) = shortest(edges, start) else { continue };
        if told.insert(cycle.iter().copied().collect()) {
            chains.push(cycle.join(" -> "));
        }
    }
    chains
}

/// The shortest way from a file back to itself.
fn shortest<'e>(edges: &'e Edges, start: &'e str) -> Option<Vec<&'e str>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for next in edges.get(file)? {
            if next == start {
                let mut way = vec![start, file];
                while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next.as_str()) {
                came_from.insert(next, file);
                queue.push_back(next);
            }
        }
    }
    None
}
