//! What the answer to OPTIONS says: versions, extensions, the largest size.

use crate::case::{Case, run};
use crate::http::Response;
use crate::spec::{TUS_EXTENSION, TUS_MAX_SIZE, TUS_VERSION};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

/// A length that no server has room for, and that every one can read.
const HUGE: u64 = (1 << 53) - 1;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement::must(
        "CORE-04",
        TUS_VERSION,
        "`Tus-Version` is a list of versions, separated by commas.",
    ),
    Statement::must(
        "CORE-05",
        TUS_VERSION,
        "`Tus-Version` begins with the version that the server likes best.",
    )
    .untried("what a server likes best is not to be seen from outside"),
    Statement::must(
        "CORE-10",
        TUS_EXTENSION,
        "`Tus-Extension` is a list of the supported extensions, separated by commas.",
    ),
    Statement::must(
        "CORE-11",
        TUS_EXTENSION,
        "Where no extension is supported, there is no `Tus-Extension`.",
    ),
    Statement::must(
        "CORE-12",
        TUS_MAX_SIZE,
        "`Tus-Max-Size` is the largest size of a whole upload in bytes: an integer that is not negative.",
    ),
    Statement::should(
        "CORE-13",
        TUS_MAX_SIZE,
        "A limit that is known is told in `Tus-Max-Size`.",
    ),
];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CORE-04.1",
        "the versions are three numbers each, separated by commas",
        run!(versions),
    ),
    Case::new(
        "CORE-10.1",
        "the extensions are names, separated by commas",
        run!(extensions),
    ),
    Case::new(
        "CORE-11.1",
        "no empty list of extensions is told",
        run!(no_empty_list),
    ),
    Case::new("CORE-12.1", "the largest size is a number", run!(max_size)),
    Case::new(
        "CORE-13.1",
        "a server that refuses a length for its size tells the largest",
        run!(limit_told),
    ),
];

/// What the server tells of itself.
async fn told(trial: &Trial) -> Result<Response, Stop> {
    let answer = trial.options().send().await.map_err(Stop::on_the_way)?;
    answer.status(&[200, 204]).map_err(Stop::on_the_way)?;
    Ok(answer)
}

/// The elements of a list as they are, so that empty ones are there too.
fn elements(answer: &Response, name: &str) -> Vec<String> {
    answer
        .lines(name)
        .map(String::from_utf8_lossy)
        .flat_map(|line| {
            line.split(',')
                .map(str::trim)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

async fn versions(trial: &Trial) -> Verdict {
    let answer = told(trial).await?;
    answer.present("tus-version").map_err(Stop::on_the_way)?;
    let is_version = |version: &String| {
        let numbers: Vec<_> = version.split('.').collect();
        let is_number =
            |number: &&str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        numbers.len() == 3 && numbers.iter().all(is_number)
    };
    if elements(&answer, "tus-version").iter().all(is_version) {
        return Ok(());
    }
    Err(Stop::failed(
        "versions like 1.0.0, separated by commas",
        answer.shown("tus-version"),
    ))
}

async fn extensions(trial: &Trial) -> Verdict {
    let answer = told(trial).await?;
    let extensions = elements(&answer, "tus-extension");
    if extensions.is_empty() {
        return Err(Stop::NotApplicable("no extension is offered".to_owned()));
    }
    let is_name =
        |name: &String| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    if extensions.iter().all(is_name) {
        return Ok(());
    }
    Err(Stop::failed(
        "names of extensions, separated by commas",
        answer.shown("tus-extension"),
    ))
}

async fn no_empty_list(trial: &Trial) -> Verdict {
    let answer = told(trial).await?;
    if answer.fields.contains_key("tus-extension") && answer.list("tus-extension").is_empty() {
        return Err(Stop::failed(
            "extensions in `tus-extension`, or no such field",
            answer.shown("tus-extension"),
        ));
    }
    Ok(())
}

async fn max_size(trial: &Trial) -> Verdict {
    let answer = told(trial).await?;
    if !answer.fields.contains_key("tus-max-size") {
        return Err(Stop::NotApplicable("no `Tus-Max-Size` is told".to_owned()));
    }
    if answer.number("tus-max-size").is_some() {
        return Ok(());
    }
    Err(Stop::failed("a number", answer.shown("tus-max-size")))
}

async fn limit_told(trial: &Trial) -> Verdict {
    let answer = trial.post_of(HUGE).send().await?;
    if answer.status.as_u16() != 413 {
        return Err(Stop::NotApplicable(format!(
            "a length of {HUGE} is not refused for its size"
        )));
    }
    told(trial).await?.present("tus-max-size")?;
    Ok(())
}
