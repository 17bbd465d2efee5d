//! Reads and writes files. A file is either as it was or as it should be, never in between, and
//! files of others stay.

mod hold;
mod leftovers;
mod lock;
mod owner;
mod read;
mod stale;
mod state;
mod write;

pub(crate) use hold::hold_folders_of;
pub(crate) use leftovers::clear as clear_leftovers;
pub(crate) use lock::{FolderLock, Patience};
pub(crate) use owner::Owner;
pub(crate) use read::{Input, is_standard_input, is_there, read};
pub(crate) use stale::{Stale, stale};
pub(crate) use state::{State, state};
pub(crate) use write::{finish, folder_of, stage, stage_new};
