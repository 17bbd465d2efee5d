//! Who asks Twitch.

use std::fmt;

use reqwest::Url;

/// Who asks Twitch, and where it is. Never shown with its secret.
#[derive(Clone)]
pub struct Credentials {
    /// The application's id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where tokens are given: `/oauth2/token` is added.
    pub auth_url: Url,
    /// Where the API is: `/helix/…` is added.
    pub api_url: Url,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, ***, {}, {})", self.client_id, self.auth_url, self.api_url)
    }
}
