//! [`Case`]: something to try on a server, with an expectation.

use std::pin::Pin;

use crate::http::Protocol;
use crate::session::Extension;
use crate::spec::Strength;
use crate::trial::{Trial, Verdict};

/// What a case does.
pub(crate) type Run = for<'a> fn(&'a Trial) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// One thing to try. Its id begins with that of the statement that it tries.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it is called: `CORE-17.1`.
    pub id: &'static str,
    /// What the server is expected to do.
    pub about: &'static str,
    /// The point where the documents leave a choice and this case holds servers to our answer, if it
    /// does: `A08`. The points are explained in the catalogue.
    pub resolution: Option<&'static str>,
    pub(crate) strength: Option<Strength>,
    pub(crate) needs: &'static [Need],
    pub(crate) turn: Turn,
    pub(crate) run: Run,
}

/// What must be there for a case to say anything.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Need {
    /// The server offers the extension.
    Offered(Extension),
    /// The server does not offer it.
    NotOffered(Extension),
    /// The server tells a largest size.
    MaxSize,
    /// What was uploaded can be read back.
    Content,
    /// Downloads by GET.
    Downloads,
    /// The server takes content whose length is not told.
    UntoldLength,
    /// Unfinished uploads expire within seconds.
    ShortExpiry,
    /// The judge started the server and may kill it.
    Process,
    /// The case is about this version of HTTP.
    Http(Protocol),
}

/// Whether a case has the server for itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Turn {
    /// It runs beside others.
    Shared,
    /// It kills the server, so nothing else runs meanwhile.
    Alone,
    /// It looks at what the others saw.
    Last,
}

impl Case {
    pub(crate) const fn new(id: &'static str, about: &'static str, run: Run) -> Self {
        Self {
            id,
            about,
            resolution: None,
            strength: None,
            needs: &[],
            turn: Turn::Shared,
            run,
        }
    }

    /// Holds servers to our answer where the documents leave a choice.
    pub(crate) const fn resolution(mut self, point: &'static str) -> Self {
        self.resolution = Some(point);
        self
    }

    /// How strongly it speaks, where that is not as its statement does.
    pub(crate) const fn strength(mut self, strength: Strength) -> Self {
        self.strength = Some(strength);
        self
    }

    pub(crate) const fn needs(mut self, needs: &'static [Need]) -> Self {
        self.needs = needs;
        self
    }

    pub(crate) const fn turn(mut self, turn: Turn) -> Self {
        self.turn = turn;
        self
    }

    /// The id of the statement that it tries.
    #[must_use]
    pub fn statement_id(&self) -> &'static str {
        self.id
            .split_once('.')
            .map_or(self.id, |(statement, _)| statement)
    }
}

/// The function of a case, for its line in the table: `run!(function)`, or with what it is called with,
/// `run!(function, "5.0", 400)`.
macro_rules! run {
    ($function:path $(, $argument:expr)* $(,)?) => {
        |trial| Box::pin($function(trial $(, $argument)*))
    };
}
pub(crate) use run;
