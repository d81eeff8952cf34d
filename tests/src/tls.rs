//! An endpoint behind TLS: a small authority of our own, and somebody who answers with one of its certificates.
//!
//! Forwards what it understands, plain HTTP requests of known length, and nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use fieldfare_core::ports::KeyPin;
use fieldfare_protocol::hash::Hash;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// Vouches for certificates of this machine.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate of this machine, its key, and what is sent along with it.
pub struct Certified {
    chain: Vec<CertificateDer<'static>>,
    key: Vec<u8>,
    /// The pin of its key.
    pub pin: KeyPin,
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

impl Authority {
    /// A root of its own.
    ///
    /// # Panics
    /// If there is no randomness.
    #[must_use]
    pub fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(of_authority("root"), key).expect("a certificate"))
    }

    /// An authority that this one vouches for.
    ///
    /// # Panics
    /// If there is no randomness.
    #[must_use]
    pub fn between(&self) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::signed_by(of_authority("between"), key, &self.0).expect("a certificate"))
    }

    /// The root's certificate.
    #[must_use]
    pub fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }

    /// The pin of its key.
    #[must_use]
    pub fn pin(&self) -> KeyPin {
        pin_of(self.0.key())
    }

    /// Certifies a new key of this machine; `along` is sent with it.
    ///
    /// # Panics
    /// If there is no randomness.
    #[must_use]
    pub fn certify(&self, along: &[Vec<u8>]) -> Certified {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(["127.0.0.1".to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let along = along.iter().map(|der| CertificateDer::from(der.clone()));
        let chain = std::iter::once(certificate.der().clone()).chain(along).collect();
        Certified { chain, pin: pin_of(&key), key: key.serialize_der() }
    }
}

fn of_authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn pin_of(key: &KeyPair) -> KeyPin {
    Hash::of(&[&key.subject_public_key_info()]).0
}

/// Answers TLS on a port of this machine in the name of an endpoint.
pub struct TlsFront {
    /// Where it listens.
    pub address: SocketAddr,
    config: Arc<Mutex<Arc<ServerConfig>>>,
}

impl TlsFront {
    /// Stands before an endpoint on this machine.
    ///
    /// # Panics
    /// If there is no free port.
    #[must_use]
    pub fn before(endpoint: SocketAddr, certified: &Certified) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let config = Arc::new(Mutex::new(config(certified)));
        let now = config.clone();
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let config = now.lock().unwrap_or_else(PoisonError::into_inner).clone();
                std::thread::spawn(move || forward(config, phone, endpoint));
            }
        });
        Self { address, config }
    }

    /// Whoever connects from now on is shown another certificate.
    ///
    /// # Panics
    /// If its key is none.
    pub fn show(&self, certified: &Certified) {
        *self.config.lock().unwrap_or_else(PoisonError::into_inner) = config(certified);
    }
}

fn config(certified: &Certified) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certified.key.clone()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(certified.chain.clone(), key);
    Arc::new(config.expect("a key that fits"))
}

/// Hands over one request after another, until somebody hangs up.
fn forward(config: Arc<ServerConfig>, phone: TcpStream, endpoint: SocketAddr) -> Option<()> {
    let mut phone = StreamOwned::new(ServerConnection::new(config).ok()?, phone);
    loop {
        let request = message(&mut phone)?;
        // A connection each: what the phone keeps open is its own with us.
        let mut there = TcpStream::connect(endpoint).ok()?;
        there.write_all(&request).ok()?;
        let answer = message(&mut there)?;
        phone.write_all(&answer).ok()?;
        phone.flush().ok()?;
    }
}

/// A request or an answer, whole.
fn message(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        from.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|digits| digits.trim().parse().ok()).unwrap_or(0);
    let begin = bytes.len();
    bytes.resize(begin + length, 0);
    from.read_exact(&mut bytes[begin..]).ok()?;
    Some(bytes)
}
