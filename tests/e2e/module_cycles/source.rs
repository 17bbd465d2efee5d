//! What a file defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

/// A file of a crate.
pub(super) struct Source {
    pub(super) path: String,
    /// The module that it is, as the names from the crate's root.
    pub(super) module: Vec<String>,
    /// The items that it defines.
    pub(super) items: BTreeSet<String>,
    /// What its `use` lines bring in, by the name that it has here.
    pub(super) imports: BTreeMap<String, Vec<String>>,
    /// What it brings in as a whole.
    pub(super) globs: Vec<Vec<String>>,
    /// The paths that it names.
    pub(super) paths: Vec<Vec<String>>,
    /// The modules in files of their own that are for tests alone.
    pub(super) test_modules: Vec<Vec<String>>,
}

impl Source {
    pub(super) fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut reader = Reader {
            source: Self {
                path: path.to_owned(),
                module: module(path),
                items: BTreeSet::new(),
                imports: BTreeMap::new(),
                globs: Vec::new(),
                paths: Vec::new(),
                test_modules: Vec::new(),
            },
            re_exports: Vec::new(),
            words: BTreeSet::new(),
        };
        reader.visit_file(&file);
        let Reader { mut source, re_exports, words } = reader;
        // A re-export counts where its name is used in the same file, too.
        let used = re_exports.into_iter().filter(|(name, _)| words.contains(name));
        source.paths.extend(used.map(|(_, path)| path));
        source
    }

    /// Whether it is the root of a crate or of a folder.
    pub(super) fn is_root(&self) -> bool {
        self.path == "lib.rs" || self.path == "main.rs"
    }
}

/// The module of a file.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs");
    let path = path.strip_suffix("/mod").unwrap_or(path);
    match path {
        "lib" | "main" => Vec::new(),
        path => path.split('/').map(str::to_owned).collect(),
    }
}

struct Reader {
    source: Source,
    /// Names that are handed on, with the paths of what they stand for.
    re_exports: Vec<(String, Vec<String>)>,
    words: BTreeSet<String>,
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            _ => None,
        };
        self.source.items.extend(name.map(ToString::to_string));
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, module: &'a ItemMod) {
        if is_for_tests(&module.attrs) {
            if module.content.is_none() {
                let mut path = self.source.module.clone();
                path.push(module.ident.to_string());
                self.source.test_modules.push(path);
            }
            return;
        }
        visit::visit_item_mod(self, module);
    }

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        if is_for_tests(&item.attrs) {
            return;
        }
        let mut found = Vec::new();
        leaves(&item.tree, &mut Vec::new(), &mut found);
        let hands_on = !matches!(item.vis, Visibility::Inherited);
        let is_root = self.source.is_root() || self.source.path.ends_with("/mod.rs");
        for (name, path) in found {
            match name {
                Some(name) => {
                    self.source.imports.insert(name.clone(), path.clone());
                    if hands_on && is_root {
                        self.re_exports.push((name, path));
                    } else {
                        self.source.paths.push(path);
                    }
                }
                None => {
                    if !(hands_on && is_root) {
                        self.source.paths.push(path.clone());
                    }
                    self.source.globs.push(path);
                }
            }
        }
    }

    /// `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'a Visibility) {}

    fn visit_path(&mut self, path: &'a syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.words.extend(segments.first().cloned());
        self.source.paths.push(segments);
        visit::visit_path(self, path);
    }
}

/// The names that a `use` line brings in, each with its path; `None` is all of a module.
fn leaves(tree: &UseTree, path: &mut Vec<String>, found: &mut Vec<(Option<String>, Vec<String>)>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            leaves(&inner.tree, path, found);
            path.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            found.push((path.last().cloned(), path.clone()));
        }
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            found.push((Some(name.clone()), path.iter().cloned().chain([name]).collect()));
        }
        UseTree::Rename(rename) => {
            let whole = path.iter().cloned().chain([rename.ident.to_string()]).collect();
            found.push((Some(rename.rename.to_string()), whole));
        }
        UseTree::Glob(_) => found.push((None, path.clone())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, path, found)),
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_test = || attribute.parse_args::<syn::Ident>().is_ok_and(|word| word == "test");
        attribute.path().is_ident("test") || attribute.path().is_ident("cfg") && is_test()
    })
}
