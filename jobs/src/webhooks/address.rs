//! Which addresses webhooks may be sent to: those of the public internet. A receiver's address is
//! somebody else's input, and must not lead into the network that this service runs in.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Which addresses may be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressRule {
    /// Those of the public internet.
    Public,
    /// Any: for tests and for development.
    Any,
}

/// Resolves names, and answers only addresses that may be sent to. The connection is made to what
/// is answered here: a name cannot mean something else a moment later.
#[derive(Debug, Clone, Copy)]
pub(super) struct GuardedResolver(pub(super) AddressRule);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0;
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            if let Some(refused) = found.iter().find(|address| !rule.allows(address.ip())) {
                // One that is refused is enough: which of several is taken is left to chance.
                let text =
                    format!("{host} resolves to {}, which is not on the public internet", refused.ip());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, text).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl AddressRule {
    /// Whether an address may be sent to.
    pub fn allows(self, address: IpAddr) -> bool {
        self == Self::Any || is_public(address)
    }

    /// What is wrong with a URL, before any name is resolved.
    pub(super) fn refuse(self, url: &Url) -> Option<String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Some(format!("`{}` is no scheme for webhooks: https and http are", url.scheme()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Some("the URL holds a user or a password".to_owned());
        }
        // A host that is written as an address is not resolved.
        let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
        let address: IpAddr = host.parse().ok()?;
        (!self.allows(address)).then(|| format!("{address} is not on the public internet"))
    }
}

/// Whether an address is on the public internet, by the registries of special addresses of IANA.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        // "This network", the shared addresses of carriers, protocol assignments, benchmarks, and
        // what is reserved.
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 240;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Addresses that stand for one of the other kind go where that goes.
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] || segments[0] == 0x2002 {
        let embedded = if segments[0] == 0x2002 { &segments[1..3] } else { &segments[6..8] };
        let [a, b] = embedded[0].to_be_bytes();
        let [c, d] = embedded[1].to_be_bytes();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only this block is given out for the public internet, without protocol assignments, as
    // Teredo, and documentation.
    (0x2000..0x4000).contains(&segments[0])
        && !(segments[0] == 0x2001 && segments[1] < 0x200)
        && segments[..2] != [0x2001, 0xdb8]
        && segments[0] != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        let found = AddressRule::Public.refuse(&url.parse().unwrap()).unwrap_or("allowed".to_owned());
        assert_eq!(found, expected, "{url}");
    }

    /// What may not be sent to, as it stands in a URL, and as the address that it is.
    const REFUSED: [(&str, &str); 53] = [
        ("127.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("017700000001", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("１２７.0.0.1", "127.0.0.1"),
        ("%31%32%37.0.0.1", "127.0.0.1"),
        ("127.255.255.255", "127.255.255.255"),
        ("0", "0.0.0.0"),
        ("0xa.1", "10.0.0.1"),
        ("3232235777", "192.168.1.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("10.1.2.3", "10.1.2.3"),
        ("172.16.0.1", "172.16.0.1"),
        ("172.31.255.255", "172.31.255.255"),
        ("192.168.1.1", "192.168.1.1"),
        ("169.254.169.254", "169.254.169.254"),
        ("100.64.0.1", "100.64.0.1"),
        ("100.127.255.255", "100.127.255.255"),
        ("192.0.0.8", "192.0.0.8"),
        ("198.18.0.1", "198.18.0.1"),
        ("198.19.255.255", "198.19.255.255"),
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.1", "198.51.100.1"),
        ("203.0.113.1", "203.0.113.1"),
        ("224.0.0.1", "224.0.0.1"),
        ("239.255.255.255", "239.255.255.255"),
        ("240.0.0.1", "240.0.0.1"),
        ("255.255.255.255", "255.255.255.255"),
        ("[::1]", "::1"),
        ("[::]", "::"),
        ("[::ffff:10.0.0.1]", "::ffff:10.0.0.1"),
        ("[::ffff:7f00:1]", "::ffff:127.0.0.1"),
        ("[::127.0.0.1]", "::7f00:1"),
        ("[64:ff9b::127.0.0.1]", "64:ff9b::7f00:1"),
        ("[64:ff9b:1::1]", "64:ff9b:1::1"),
        ("[2002:7f00:1::]", "2002:7f00:1::"),
        ("[100::1]", "100::1"),
        ("[64:ff9b::a00:1]", "64:ff9b::a00:1"),
        ("[2002:a00:1::]", "2002:a00:1::"),
        ("[2001::1]", "2001::1"),
        ("[2001:2::1]", "2001:2::1"),
        ("[2001:10::1]", "2001:10::1"),
        ("[3fff::1]", "3fff::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[fc00::1]", "fc00::1"),
        ("[fd12::1]", "fd12::1"),
        ("[fe80::1]", "fe80::1"),
        ("[fec0::1]", "fec0::1"),
        ("[ff02::1]", "ff02::1"),
    ];

    #[test]
    fn only_the_public_internet_may_be_sent_to() {
        for (host, shown) in REFUSED {
            check(&format!("https://{host}/hook"), &format!("{shown} is not on the public internet"));
        }
        for host in [
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "223.255.255.255",
            "[2606:4700::1111]",
            "[2001:4860:4860::8888]",
            "[::ffff:8.8.8.8]",
            "[2002:808:808::]",
            "[64:ff9b::8.8.8.8]",
            "example.com",
        ] {
            check(&format!("https://{host}/hook"), "allowed");
        }
    }

    #[test]
    fn a_url_is_plain_http() {
        check("ftp://example.com/", "`ftp` is no scheme for webhooks: https and http are");
        check("https://user:secret@example.com/", "the URL holds a user or a password");
        assert_eq!(AddressRule::Any.refuse(&"http://127.0.0.1:9/".parse().unwrap()), None);
    }

    /// The resolver of the system answers an address for a name that is one, so that each of them
    /// passes the same way as a name.
    #[tokio::test]
    async fn a_name_that_leads_into_our_own_network_is_refused() {
        let resolve = async |rule, name: &str| {
            GuardedResolver(rule).resolve(name.parse().unwrap()).await.map(Iterator::count)
        };
        for name in REFUSED.iter().map(|(_, address)| *address).chain(["localhost"]) {
            let refused = resolve(AddressRule::Public, name).await.unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{name} resolves to ")), "{refused}");
            assert!(refused.ends_with("which is not on the public internet"), "{refused}");
        }
        assert!(resolve(AddressRule::Any, "localhost").await.unwrap() > 0);
        assert_eq!(resolve(AddressRule::Public, "8.8.8.8").await.unwrap(), 1);
    }
}
