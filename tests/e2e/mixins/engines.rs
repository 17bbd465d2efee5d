//! The engines that evaluate jsonnet: the one that `jobwatch` has, and the reference.

use std::path::{Path, PathBuf};
use std::{fs, str};

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::interner::InternedStr;
use rsjsonnet_lang::program::{
    Callbacks, EvalStackTraceItem, ImportError, NativeError, Program, Thunk, Value as Evaluated,
};
use rsjsonnet_lang::span::SpanId;
use serde_json::Value;

/// Evaluates a program that imports files of a folder, with the engine of `jobwatch`.
///
/// # Panics
///
/// When that fails.
pub(super) fn ours(folder: &Path, program: &str) -> Value {
    let arena = Arena::new();
    let mut engine = Program::new(&arena);
    let thunk = load(&mut engine, program.as_bytes());
    let value = engine.eval_value(&thunk, &mut Imports(folder.to_owned())).unwrap();
    serde_json::from_str(&engine.manifest_json(&value, false).unwrap()).unwrap()
}

/// The same with the reference implementation.
///
/// # Panics
///
/// When that fails.
pub(super) fn reference(folder: &Path, program: &str) -> Value {
    let mut engine = jsonnet::JsonnetVm::new();
    engine.jpath_add(folder);
    let text = engine.evaluate_snippet("program", program).unwrap();
    serde_json::from_str(text.as_str()).unwrap()
}

struct Imports(PathBuf);

fn load<'p>(engine: &mut Program<'p>, text: &[u8]) -> Thunk<'p> {
    let (context, _) = engine.span_manager_mut().insert_source_context(text.len());
    engine.load_source(context, text, true, "program").unwrap()
}

impl<'p> Callbacks<'p> for Imports {
    fn import(&mut self, engine: &mut Program<'p>, _: SpanId, path: &str) -> Result<Thunk<'p>, ImportError> {
        let text = fs::read(self.0.join(path)).map_err(|_| ImportError)?;
        Ok(load(engine, &text))
    }

    fn import_str(&mut self, _: &mut Program<'p>, _: SpanId, _: &str) -> Result<String, ImportError> {
        Err(ImportError)
    }

    fn import_bin(&mut self, _: &mut Program<'p>, _: SpanId, _: &str) -> Result<Vec<u8>, ImportError> {
        Err(ImportError)
    }

    fn trace(&mut self, _: &mut Program<'p>, _: &str, _: &[EvalStackTraceItem]) {}

    fn native_call(
        &mut self,
        _: &mut Program<'p>,
        _: InternedStr<'p>,
        _: &[Evaluated<'p>],
    ) -> Result<Evaluated<'p>, NativeError> {
        Err(NativeError)
    }
}
