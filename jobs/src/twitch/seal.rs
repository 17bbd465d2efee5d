//! Seals what is kept where others may read it: with a key that follows from a secret which the
//! replicas share anyway.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, Salt};
use ring::rand::{SecureRandom, SystemRandom};

/// What the key is for, so that no other key follows from the same secret.
const PURPOSE: &[u8] = b"clipper-jobs: the token of Twitch in a cache";

/// Opens what a seal with the same secret has closed.
pub(super) struct Seal(LessSafeKey);

impl Seal {
    pub(super) fn new(secret: &str) -> Option<Self> {
        let root = Salt::new(HKDF_SHA256, PURPOSE).extract(secret.as_bytes());
        let key = root.expand(&[], &CHACHA20_POLY1305).ok()?;
        Some(Self(LessSafeKey::new(UnboundKey::from(key))))
    }

    /// Text that nobody else can read or replace, for one place. `None` if the system has no
    /// random numbers.
    pub(super) fn close(&self, place: &str, text: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = text.to_vec();
        let nonce_of_key = Nonce::assume_unique_for_key(nonce);
        self.0.seal_in_place_append_tag(nonce_of_key, Aad::from(place), &mut sealed).ok()?;
        Some([&nonce[..], &sealed].concat())
    }

    /// The text. `None` if another secret has sealed it, it is from another place, or it is not
    /// sealed at all.
    pub(super) fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut text = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        Some(self.0.open_in_place(nonce, Aad::from(place), &mut text).ok()?.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_the_same_secret_in_the_same_place_alone() {
        let seal = Seal::new("hunter2").unwrap();
        let sealed = seal.close("here", b"a token").unwrap();
        assert!(!sealed.windows(5).any(|part| part == b"token"));
        assert_ne!(sealed, seal.close("here", b"a token").unwrap(), "two look alike");
        assert_eq!(Seal::new("hunter2").unwrap().open("here", &sealed).unwrap(), b"a token");
        assert_eq!(Seal::new("hunter3").unwrap().open("here", &sealed), None);
        assert_eq!(seal.open("there", &sealed), None);
        let mut changed = sealed.clone();
        changed[NONCE_LEN] ^= 1;
        for other in [&changed[..], &sealed[1..], b"a token", b""] {
            assert_eq!(seal.open("here", other), None);
        }
    }
}
