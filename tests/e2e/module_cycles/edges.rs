//! Which file each path leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Source;

/// Which files each file uses, by their paths.
pub(super) type Edges = BTreeMap<String, BTreeSet<String>>;

/// How many re-exports are followed one after the other.
const MOST_STEPS: usize = 16;

/// Which files each file uses. Those for tests alone are left out.
pub(super) fn edges(sources: &[Source]) -> Edges {
    let is_for_tests = |source: &Source| {
        let mut modules = sources.iter().flat_map(|other| &other.test_modules);
        modules.any(|module| source.module.starts_with(module))
    };
    let sources: Vec<&Source> = sources.iter().filter(|source| !is_for_tests(source)).collect();
    let has_library = sources.iter().any(|source| source.path == "lib.rs");
    // A binary beside a library is another crate, which uses the library by its name.
    let sources: Vec<&Source> =
        sources.into_iter().filter(|source| !(has_library && source.path == "main.rs")).collect();
    let files = Files { by_module: sources.iter().map(|source| (source.module.clone(), *source)).collect() };
    let mut edges = Edges::new();
    for source in sources {
        let targets = source.paths.iter().filter_map(|path| files.target(source, path, 0));
        let others = targets.filter(|target| *target != source.path).map(str::to_owned);
        edges.insert(source.path.clone(), others.collect());
    }
    edges
}

struct Files<'s> {
    by_module: BTreeMap<Vec<String>, &'s Source>,
}

impl<'s> Files<'s> {
    /// The file that a path in another file leads to. `None` if it leads out of the crate.
    fn target(&self, from: &Source, path: &[String], steps: usize) -> Option<&'s str> {
        if steps > MOST_STEPS {
            return None;
        }
        let mut module = from.module.clone();
        let mut rest = path;
        match rest.first()?.as_str() {
            "crate" => (module, rest) = (Vec::new(), &rest[1..]),
            "self" => rest = &rest[1..],
            "super" => {}
            first => {
                let child: Vec<String> = module.iter().cloned().chain([first.to_owned()]).collect();
                if !self.by_module.contains_key(&child) {
                    // A name that a `use` line brought in has been followed there.
                    return None;
                }
            }
        }
        while rest.first().is_some_and(|first| first == "super") {
            module.pop();
            rest = &rest[1..];
        }
        self.within(module, rest, steps)
    }

    fn within(&self, mut module: Vec<String>, path: &[String], steps: usize) -> Option<&'s str> {
        let file = *self.by_module.get(&module)?;
        let Some(first) = path.first() else { return Some(&file.path) };
        module.push(first.clone());
        if self.by_module.contains_key(&module) {
            return self.within(module, &path[1..], steps);
        }
        if file.items.contains(first) {
            return Some(&file.path);
        }
        if let Some(import) = file.imports.get(first) {
            // What is imported from elsewhere and read from here is an item of elsewhere.
            let whole: Vec<String> = import.iter().chain(&path[1..]).cloned().collect();
            return self.target(file, &whole, steps + 1);
        }
        for glob in &file.globs {
            let whole: Vec<String> = glob.iter().cloned().chain([first.clone()]).collect();
            let target = self.target(file, &whole, steps + 1);
            if let Some(target) = target
                && self.by_module.values().any(|other| other.path == target && other.items.contains(first))
            {
                return Some(target);
            }
        }
        Some(&file.path)
    }
}
