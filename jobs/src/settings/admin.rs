//! Who may use the admin API.

use jobwatch_runtime::http::{AdminToken, AdminTokens};

use super::reader::Reader;
use super::table;

/// The token `admin`, and those with names of their own.
pub(super) fn tokens(reader: &mut Reader<'_>) -> AdminTokens {
    let admin: AdminTokens = reader.secret(&table::ADMIN_TOKEN).into_iter().map(AdminToken::new).collect();
    let Some(list) = reader.secret(&table::ADMIN_TOKENS) else { return admin };
    admin.clone().with_list(&list).unwrap_or_else(|error| {
        reader.problem(table::ADMIN_TOKENS.variable, None, &error.to_string());
        admin
    })
}
