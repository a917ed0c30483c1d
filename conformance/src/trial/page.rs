//! What pages that come from elsewhere ask, and what they are allowed.

use super::{Stop, Trial, Verdict};
use crate::http::Response;

/// Where a page comes from.
pub(crate) const ORIGIN: &str = "https://pages.example";

impl Trial {
    /// What a browser asks before it sends a request of a page: the names in lower case and in order.
    /// A server that lets no page in is not judged by how it does.
    pub(crate) async fn preflight(
        &self,
        path: &str,
        method: &str,
        fields: &[&str],
    ) -> Result<Response, Stop> {
        let mut names: Vec<_> = fields
            .iter()
            .map(|name| name.to_ascii_lowercase())
            .collect();
        names.sort_unstable();
        let preflight = self.options().path(path).field("Origin", ORIGIN);
        let answer = preflight
            .field("Access-Control-Request-Method", method)
            .field("Access-Control-Request-Headers", names.join(","))
            .send()
            .await?;
        if answer.field("access-control-allow-origin").is_none() {
            let reason = "pages from elsewhere are not let in";
            return Err(Stop::NotApplicable(reason.to_owned()));
        }
        Ok(answer)
    }
}

impl Response {
    /// A list has this element, or `*`, which without credentials is all of them.
    pub(crate) fn covers(&self, name: &str, element: &str) -> Verdict {
        if !self.list(name).iter().any(|listed| listed == "*") {
            self.lists(name, element)?;
        }
        Ok(())
    }
}
