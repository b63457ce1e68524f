use axum::http::HeaderMap;

/// The part of the public path that a gateway took off. What is not a plain path is ignored: it
/// would let a caller send others to an address of its choice.
pub(super) fn public_prefix(headers: &HeaderMap) -> &str {
    let value = headers.get("x-forwarded-prefix").and_then(|value| value.to_str().ok());
    let prefix = value.unwrap_or_default();
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    match prefix.strip_prefix('/') {
        Some(path) if path.split('/').all(is_plain) => prefix,
        _ => "",
    }
}

fn is_plain(segment: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"._~-".contains(&c);
    !segment.is_empty() && segment != ".." && segment.bytes().all(is_plain)
}
