//! What an overlay imports: the mixin, itself, and files within the folders that it may read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rsjsonnet_lang::interner::InternedStr;
use rsjsonnet_lang::program::{
    Callbacks, EvalError, EvalStackTraceItem, ImportError, NativeError, Program, Thunk, Value,
};
use rsjsonnet_lang::span::{SourceId, SpanContext, SpanId};

use super::message;
use super::request::Request;
use crate::lines::Lines;

/// The name by which the program imports the overlay.
const OVERLAY: &str = "the overlay";

/// The largest file that is imported, in bytes.
const MOST_BYTES: u64 = 4 << 20;

/// A text that was loaded.
struct Source {
    /// What it is called in messages. `None` for those that are not the team's.
    name: Option<String>,
    /// The folder that it imports from first.
    folder: Option<PathBuf>,
    text: Vec<u8>,
}

/// Imports, and what went wrong with one.
pub(super) struct Imports {
    request: Request,
    sources: BTreeMap<SourceId, Source>,
    failure: Option<String>,
}

impl Imports {
    pub(super) fn new(request: Request) -> Self {
        Self { request, sources: BTreeMap::new(), failure: None }
    }

    /// Loads a text. `of` is what it is called in messages, and its folder, if it is the team's.
    ///
    /// Errors: it is no jsonnet.
    pub(super) fn load<'p>(
        &mut self,
        program: &mut Program<'p>,
        file: &str,
        text: &[u8],
        of: Option<(String, PathBuf)>,
    ) -> Result<Thunk<'p>, String> {
        let (context, id) = program.span_manager_mut().insert_source_context(text.len());
        let (name, folder) = of.unzip();
        self.sources.insert(id, Source { name, folder, text: text.to_owned() });
        program.load_source(context, text, true, file).map_err(|error| {
            let (says, span) = message::of_load(&error);
            self.placed(program, span, says)
        })
    }

    /// Returns what an error says, with its place in one of the team's files.
    pub(super) fn said(&mut self, program: &Program<'_>, error: &EvalError) -> String {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        let (says, span) = message::of_evaluation(error);
        let spans = span.into_iter().chain(error.stack_trace.iter().filter_map(span_of));
        let named = spans.into_iter().find(|span| self.place(program, *span).is_some());
        self.placed(program, named, says)
    }

    fn placed(&self, program: &Program<'_>, span: Option<SpanId>, says: String) -> String {
        match span.and_then(|span| self.place(program, span)) {
            Some(place) => format!("{says} ({place})"),
            None => says,
        }
    }

    /// Returns where something stands: file, line and column. `None` if not in a team's file.
    fn place(&self, program: &Program<'_>, span: SpanId) -> Option<String> {
        let (context, start, _) = program.span_manager().get_span(span);
        let SpanContext::Source(id) = program.span_manager().get_context(context);
        let source = self.sources.get(id)?;
        let name = source.name.as_ref()?;
        let text = String::from_utf8_lossy(&source.text);
        let position = Lines::new(&text).position(start.min(text.len()));
        Some(format!("{name}, line {}, column {}", position.line, position.column))
    }

    /// Returns the file that a path means: within the folders that may be read.
    fn file(&self, program: &Program<'_>, from: SpanId, path: &str) -> Result<(PathBuf, Vec<u8>), String> {
        let (context, ..) = program.span_manager().get_span(from);
        let SpanContext::Source(id) = program.span_manager().get_context(context);
        let own = self.sources.get(id).and_then(|source| source.folder.as_ref());
        let allowed: Vec<PathBuf> =
            self.request.folders.iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        let tried = own.into_iter().chain(&self.request.folders).map(|folder| folder.join(path));
        let Some(found) = tried.into_iter().find_map(|file| fs::canonicalize(file).ok()) else {
            return Err(format!("cannot import `{path}`: it is in none of {}", self.folders()));
        };
        if !allowed.iter().any(|folder| found.starts_with(folder)) {
            return Err(format!(
                "`{path}` is not imported: it is in none of {}; name its folder with `--jpath`",
                self.folders()
            ));
        }
        read(&found).map(|text| (found.clone(), text)).map_err(|why| format!("cannot import `{path}`: {why}"))
    }

    fn folders(&self) -> String {
        let folders = self.request.folders.iter();
        let shown = folders.map(|folder| match folder.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => folder.display().to_string(),
        });
        shown.collect::<Vec<_>>().join(", ")
    }

    /// Notes what is wrong, because the engine takes no reason.
    fn failed<T>(&mut self, result: Result<T, String>) -> Result<T, ImportError> {
        result.map_err(|failure| {
            self.failure.get_or_insert(failure);
            ImportError
        })
    }

    fn imported<'p>(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Thunk<'p>, String> {
        if path == OVERLAY {
            let folder = self.request.folders.first().cloned().unwrap_or_default();
            let (name, text) = (self.request.name.clone(), self.request.text.clone());
            return self.load(program, &name, text.as_bytes(), Some((name.clone(), folder)));
        }
        let is_own = |imports: &Self, program: &Program<'_>| {
            let (context, ..) = program.span_manager().get_span(from);
            let SpanContext::Source(id) = program.span_manager().get_context(context);
            imports.sources.get(id).is_some_and(|source| source.name.is_none())
        };
        if let Some(text) = self.request.mixin.get(path).cloned().filter(|_| is_own(self, program)) {
            return self.load(program, path, text.as_bytes(), None);
        }
        let (file, text) = self.file(program, from, path)?;
        let folder = file.parent().map(Path::to_owned).unwrap_or_default();
        self.load(program, path, &text, Some((path.to_owned(), folder)))
    }
}

/// Reads a regular file that is not too large.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no regular file".to_owned());
    }
    if metadata.len() > MOST_BYTES {
        return Err(format!("it has more than {} MiB", MOST_BYTES >> 20));
    }
    fs::read(path).map_err(|error| error.to_string())
}

/// Returns where a step of an evaluation stands.
fn span_of(item: &EvalStackTraceItem) -> Option<SpanId> {
    match item {
        EvalStackTraceItem::Expr { span }
        | EvalStackTraceItem::Variable { span, .. }
        | EvalStackTraceItem::Import { span } => Some(*span),
        EvalStackTraceItem::Call { span, .. }
        | EvalStackTraceItem::ArrayItem { span, .. }
        | EvalStackTraceItem::ObjectField { span, .. } => *span,
        _ => None,
    }
}

impl<'p> Callbacks<'p> for Imports {
    fn import(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Thunk<'p>, ImportError> {
        let imported = self.imported(program, from, path);
        self.failed(imported)
    }

    fn import_str(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<String, ImportError> {
        let read = self.file(program, from, path).and_then(|(_, bytes)| {
            String::from_utf8(bytes).map_err(|_| format!("cannot import `{path}`: it is not UTF-8"))
        });
        self.failed(read)
    }

    fn import_bin(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Vec<u8>, ImportError> {
        let read = self.file(program, from, path).map(|(_, bytes)| bytes);
        self.failed(read)
    }

    fn trace(&mut self, _: &mut Program<'p>, _: &str, _: &[EvalStackTraceItem]) {}

    fn native_call(
        &mut self,
        _: &mut Program<'p>,
        _: InternedStr<'p>,
        _: &[Value<'p>],
    ) -> Result<Value<'p>, NativeError> {
        Err(NativeError)
    }
}
