//! TLS from a certificate chain and a key in PEM files, read again on SIGHUP. A pair that does not fit is refused
//! before anything listens.

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// The configuration, or a sentence that names the file at fault.
pub fn load(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let certificates: Vec<CertificateDer> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|e| format!("{}: {e}", chain.display()))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| format!("{}: {e}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let made = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|b| b.with_no_client_auth().with_single_cert(certificates, secret));
    let mut config = made.map_err(|e| format!("{} and {}: {e}", chain.display(), key.display()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
