use std::fmt;
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::random;

/// A UUID in its usual form, in lower case. Ids sort by age, which is the order of lists.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShipmentId(String);

/// The text has not the form of an id; no look into the store is needed to know that it names
/// nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id")]
pub struct NotAnId;

impl ShipmentId {
    /// Makes a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random
    /// bits, so that it cannot be guessed.
    pub fn new(now: SystemTime) -> Self {
        let since_1970 = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let milliseconds = since_1970.as_millis() << 80;
        let random = u128::from_be_bytes(random::bytes()) & ((1 << 80) - 1);
        let version = 7 << 76;
        let variant = 2 << 62;
        let bits = milliseconds | random & !(0xf << 76) & !(3 << 62) | version | variant;
        let hex = format!("{bits:032x}");
        let parts = [&hex[0..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
        Self(parts.join("-"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShipmentId {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let fits = |(at, c): (usize, u8)| match at {
            8 | 13 | 18 | 23 => c == b'-',
            _ => matches!(c, b'0'..=b'9' | b'a'..=b'f'),
        };
        if text.len() == 36 && text.bytes().enumerate().all(fits) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }
}

impl fmt::Display for ShipmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Duration;

    use super::*;

    fn at(milliseconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_new_id_is_a_version_7_uuid_that_begins_with_the_time() {
        let id = ShipmentId::new(at(0x0123_4567_89ab)).to_string();
        assert!(id.parse::<ShipmentId>().is_ok(), "{id}");
        assert!(id.starts_with("01234567-89ab-7"), "{id}");
        assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
    }

    #[test]
    fn new_ids_sort_by_time_and_never_repeat() {
        let now = 1_700_000_000_000;
        assert!(ShipmentId::new(at(now)) < ShipmentId::new(at(now + 1)));
        let ids: HashSet<_> = (0..1000).map(|_| ShipmentId::new(at(now)).to_string()).collect();
        assert_eq!(ids.len(), 1000);
    }

    #[test]
    fn other_text_is_no_id() {
        let id = "0190163d-8694-739b-aea5-966c26f8ad91";
        assert_eq!(id.parse::<ShipmentId>().unwrap().as_str(), id);
        for text in
            ["", "1", "../etc", &id.to_uppercase(), &id.replace('-', "0"), &format!("{id}0")]
        {
            assert_eq!(text.parse::<ShipmentId>(), Err(NotAnId), "{text}");
        }
    }
}
