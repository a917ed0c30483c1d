//! `Upload-Expires`: when an unfinished upload goes away.

use std::fmt;
use std::time::SystemTime;

/// When an unfinished upload goes away; displays as the IMF-fixdate of RFC 9110 (TUS 1.0.0,
/// "Upload-Expires"). Servers send it and never read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadExpires(pub SystemTime);

impl fmt::Display for UploadExpires {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        httpdate::HttpDate::from(self.0).fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn displays_as_imf_fixdate() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_000_000_999);
        assert_eq!(
            UploadExpires(time).to_string(),
            "Sun, 09 Sep 2001 01:46:40 GMT"
        );
    }
}
