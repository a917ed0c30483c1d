//! `Upload-Expires`: when an unfinished upload goes away.

use std::fmt;
use std::time::{Duration, SystemTime};

/// 9999-12-31 23:59:59, the last second that an IMF-fixdate can tell, since 1970.
const LAST_SECOND: Duration = Duration::from_secs(253_402_300_799);

/// When an unfinished upload goes away; displays as the IMF-fixdate of RFC 9110 (TUS 1.0.0,
/// "Upload-Expires"), times outside the years 1970 to 9999 as the nearest time within. Servers send
/// it and never read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadExpires(pub SystemTime);

impl fmt::Display for UploadExpires {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = SystemTime::UNIX_EPOCH;
        let time = self.0.clamp(first, first + LAST_SECOND);
        httpdate::HttpDate::from(time).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn displays_as_imf_fixdate() {
        let epoch = SystemTime::UNIX_EPOCH;
        for (time, text) in [
            (
                epoch + Duration::from_millis(1_000_000_000_999),
                "Sun, 09 Sep 2001 01:46:40 GMT",
            ),
            (
                epoch - Duration::from_secs(1),
                "Thu, 01 Jan 1970 00:00:00 GMT",
            ),
            (epoch + LAST_SECOND * 2, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] {
            assert_eq!(UploadExpires(time).to_string(), text);
        }
    }
}
