//! Tokens: who may use the admin API, and for what.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

/// The name of a token that was given none.
const ADMIN: &str = "admin";

/// The longest name of a token, in characters.
const LONGEST_NAME: usize = 64;

/// What a token opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Looking at jobs.
    Read,
    /// And triggering, pausing, resuming and cancelling them.
    Operate,
}

impl Permission {
    /// Returns the permission in a word: `read` or `operate`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Operate => "operate",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Read, Self::Operate].into_iter().find(|permission| permission.as_str() == word)
    }
}

/// A token that the admin API asks for: whose it is, and what it opens. Its secret is never
/// printed.
#[derive(Clone)]
pub struct AdminToken {
    name: Arc<str>,
    permission: Permission,
    secret: Arc<str>,
}

impl AdminToken {
    /// A token of the name `admin` that opens everything. Requests have to carry `Authorization:
    /// Bearer` and this secret. Space around it is not part of it, so that a file may end with a
    /// line break. An empty secret opens nothing.
    pub fn new(secret: impl AsRef<str>) -> Self {
        Self::named(ADMIN, Permission::Operate, secret)
    }

    /// A token whose name the log tells with everything that is done with it.
    pub fn named(name: impl AsRef<str>, permission: Permission, secret: impl AsRef<str>) -> Self {
        Self { name: name.as_ref().into(), permission, secret: secret.as_ref().trim().into() }
    }
}

impl fmt::Debug for AdminToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, permission, .. } = self;
        write!(f, "AdminToken({name}:{}:***)", permission.as_str())
    }
}

/// The tokens that open the admin API. Without any, every request is refused.
#[derive(Debug, Clone, Default)]
pub struct AdminTokens(Arc<[AdminToken]>);

/// Tokens that cannot be used. No secret is told, nor anything that may be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AdminTokensError {
    /// An entry has another form.
    #[error("entry {entry} has not the form `NAME:read:SECRET` or `NAME:operate:SECRET`")]
    Form {
        /// The number of the entry, from 1.
        entry: usize,
    },
    /// A name cannot be used.
    #[error("entry {entry} has a name that is not made of 1 to 64 letters, digits, `.`, `-`, `_` or `@`")]
    Name {
        /// The number of the entry, from 1.
        entry: usize,
    },
    /// A secret cannot be sent in a header.
    #[error(
        "entry {entry} has a secret that is empty, or with characters other than those of ASCII that can be seen"
    )]
    Secret {
        /// The number of the entry, from 1.
        entry: usize,
    },
    /// Two tokens have the same name, so that the log could not tell them apart.
    #[error("entry {entry} has the name `{name}`, which another token has; give each its own")]
    SameName {
        /// The number of the entry, from 1.
        entry: usize,
        /// The name.
        name: String,
    },
    /// Two tokens have the same secret.
    #[error("entry {entry} has the secret of the token `{other}`; give each its own")]
    SameSecret {
        /// The number of the entry, from 1.
        entry: usize,
        /// The name of the other token.
        other: String,
    },
}

impl AdminTokens {
    /// No token: every request is refused.
    pub fn none() -> Self {
        Self::default()
    }

    /// These tokens, and those of a list: entries of the form `NAME:PERMISSION:SECRET`, where the
    /// permission is `read` or `operate`, between commas or line breaks. So a secret has no comma.
    ///
    /// ```
    /// use jobwatch_runtime::http::{AdminToken, AdminTokens};
    ///
    /// let tokens = AdminTokens::from(AdminToken::new("secret"));
    /// let tokens = tokens.with_list("alice:operate:correct-horse, bob:read:battery-staple")?;
    /// # Ok::<(), jobwatch_runtime::http::AdminTokensError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AdminTokensError`] says which entry cannot be used, and why.
    pub fn with_list(self, list: &str) -> Result<Self, AdminTokensError> {
        let mut tokens = self.0.to_vec();
        let entries = list.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
        for (index, text) in entries.enumerate() {
            tokens.push(read(text, index + 1, &tokens)?);
        }
        Ok(Self(tokens.into()))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|token| token.secret.is_empty())
    }

    /// Whose a secret is. All are compared, each in constant time, so that the time that it takes
    /// does not tell how much of a guess is right.
    pub(super) fn find(&self, given: &str) -> Option<Caller> {
        let given = given.trim().as_bytes();
        let mut found = None;
        for token in self.0.iter().filter(|token| !token.secret.is_empty()) {
            if token.secret.as_bytes().ct_eq(given).into() {
                found = Some(token);
            }
        }
        found.map(|token| Caller { name: token.name.clone(), permission: token.permission })
    }
}

impl From<AdminToken> for AdminTokens {
    fn from(token: AdminToken) -> Self {
        Self::from_iter([token])
    }
}

impl FromIterator<AdminToken> for AdminTokens {
    fn from_iter<I: IntoIterator<Item = AdminToken>>(tokens: I) -> Self {
        Self(tokens.into_iter().collect())
    }
}

/// An entry of a list, with its number, beside the tokens that there are.
fn read(text: &str, entry: usize, others: &[AdminToken]) -> Result<AdminToken, AdminTokensError> {
    let mut parts = text.splitn(3, ':').map(str::trim);
    let (Some(name), Some(permission), Some(secret)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(AdminTokensError::Form { entry });
    };
    let permission = Permission::parse(permission).ok_or(AdminTokensError::Form { entry })?;
    let is_of_names = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
    if !(1..=LONGEST_NAME).contains(&name.len()) || !name.chars().all(is_of_names) {
        return Err(AdminTokensError::Name { entry });
    }
    if secret.is_empty() || !secret.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Err(AdminTokensError::Secret { entry });
    }
    if others.iter().any(|other| *other.name == *name) {
        return Err(AdminTokensError::SameName { entry, name: name.to_owned() });
    }
    if let Some(other) = others.iter().find(|other| *other.secret == *secret) {
        return Err(AdminTokensError::SameSecret { entry, other: other.name.to_string() });
    }
    Ok(AdminToken::named(name, permission, secret))
}

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) name: Arc<str>,
    pub(super) permission: Permission,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(list: &str, expected: &str) {
        let admin = AdminTokens::from(AdminToken::new("hunter2-admin"));
        let error = admin.with_list(list).map(|_| ()).map_err(|error| error.to_string());
        assert_eq!(error, Err(expected.to_owned()));
    }

    #[test]
    fn each_token_of_a_list_is_somebodys() {
        let list = "alice:operate:one, bob:read:two:with:colons\n\n carol@night:read: three words \n";
        let tokens = AdminTokens::from(AdminToken::new("zero")).with_list(list).unwrap();
        let found = |secret| tokens.find(secret).map(|caller| (caller.name.to_string(), caller.permission));
        for (secret, name, permission) in [
            ("zero", "admin", Permission::Operate),
            ("one", "alice", Permission::Operate),
            ("two:with:colons", "bob", Permission::Read),
            (" three words ", "carol@night", Permission::Read),
        ] {
            assert_eq!(found(secret), Some((name.to_owned(), permission)));
        }
        for wrong in ["", "on", "onee", "alice:operate:one", "two"] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert!(!tokens.is_empty());
        assert!(AdminTokens::none().with_list(" ,\n").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_told_by_its_number_and_not_by_what_may_be_secret() {
        let form = "entry 1 has not the form `NAME:read:SECRET` or `NAME:operate:SECRET`";
        for list in ["hunter2", "alice:hunter2", "alice:hunter2:operate", "operate:alice:hunter2"] {
            refused(list, form);
        }
        refused("alice:read:one,bob:write:hunter2", &form.replace('1', "2"));
        let name = "entry 1 has a name that is not made of 1 to 64 letters, digits, `.`, `-`, `_` or `@`";
        for list in [":read:hunter2", "al ice:read:hunter2", "al\u{1b}ice:read:hunter2"] {
            refused(list, name);
        }
        refused(&format!("{}:read:hunter2", "a".repeat(65)), name);
        let secret = "entry 1 has a secret that is empty, or with characters other than those of ASCII that \
                      can be seen";
        for list in ["hunter2:read:", "hunter2:operate: ", "alice:read:hunter2\u{e4}", "alice:read:hun\tter2"]
        {
            refused(list, secret);
        }
        let same = "entry 2 has the name `alice`, which another token has; give each its own";
        refused("alice:read:hunter2,alice:operate:hunter3", same);
        refused(
            "admin:read:hunter2",
            "entry 1 has the name `admin`, which another token has; give each its own",
        );
        refused("bob:read:hunter2-admin", "entry 1 has the secret of the token `admin`; give each its own");
    }

    #[test]
    fn a_secret_is_not_printed() {
        let tokens = AdminTokens::from(AdminToken::new("hunter2")).with_list("bob:read:hunter3").unwrap();
        assert_eq!(
            format!("{tokens:?}"),
            "AdminTokens([AdminToken(admin:operate:***), AdminToken(bob:read:***)])"
        );
    }
}
