//! Signs a message as the Standard Webhooks specification says, and verifies what is signed so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The value of `webhook-signature`: HMAC-SHA256 over id, timestamp and body, with the
/// subscription's secret. A secret that begins with `whsec_` is Base64; any other is taken as it
/// is.
pub fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> String {
    format!("v1,{}", STANDARD.encode(mac(secret, id, timestamp, body).finalize().into_bytes()))
}

/// Whether one of the signatures, which stand apart by spaces, is right. Those of other versions
/// are passed over.
pub fn verify(secret: &str, id: &str, timestamp: i64, body: &str, signatures: &str) -> bool {
    let first = signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,"));
    let mut decoded = first.filter_map(|signature| STANDARD.decode(signature).ok());
    decoded.any(|signature| mac(secret, id, timestamp, body).verify_slice(&signature).is_ok())
}

fn mac(secret: &str, id: &str, timestamp: i64, body: &str) -> Hmac<Sha256> {
    let encoded = secret.strip_prefix("whsec_").and_then(|encoded| STANDARD.decode(encoded).ok());
    let key = encoded.unwrap_or_else(|| secret.as_bytes().to_vec());
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any key will do");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own documentation.
    #[test]
    fn a_message_is_signed_as_the_specification_says() {
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn one_right_signature_of_several_is_enough() {
        let right = sign("secret", "msg_1", 1_614_265_330, "{}");
        let check = |signatures: &str| verify("secret", "msg_1", 1_614_265_330, "{}", signatures);
        assert!(check(&right) && check(&format!("v1a,x v1,AAAA {right}")));
        for wrong in ["", "v1,", "v1,AAAA", "v1,?", &right[3..], &right.replace("v1,", "v2,")] {
            assert!(!check(wrong), "{wrong}");
        }
        assert!(!verify("another", "msg_1", 1_614_265_330, "{}", &right));
        assert!(!verify("secret", "msg_2", 1_614_265_330, "{}", &right));
        assert!(!verify("secret", "msg_1", 1_614_265_331, "{}", &right));
        assert!(!verify("secret", "msg_1", 1_614_265_330, "[]", &right));
    }
}
