//! The names of downloads, which came from strangers.

use crate::case::{Case, Need, run};
use crate::spec::{CONTENT_DISPOSITION, Strength};
use crate::statement::Statement;
use crate::trial::{Stop, Trial, Verdict};

pub(super) const STATEMENTS: &[Statement] = &[Statement::must(
    "H-18",
    CONTENT_DISPOSITION,
    "A name in `Content-Disposition` is within its quotes and cannot begin something else. It should be in ASCII.",
)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "H-18.1",
        "a name cannot leave its quotes",
        run!(contained, b"a\"; filename=\"b.html"),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-18.2",
        "a name that ends with a backslash does not take the quotes with it",
        run!(contained, b"a\\"),
    )
    .needs(&[Need::Downloads]),
    Case::new(
        "H-18.3",
        "a name in other letters is told in ASCII",
        run!(in_ascii, "файл.txt".as_bytes()),
    )
    .strength(Strength::Should)
    .needs(&[Need::Downloads]),
    Case::new(
        "H-18.4",
        "a name that is no text does no harm",
        run!(contained, b"\xff\x00\xfe"),
    )
    .needs(&[Need::Downloads]),
];

async fn contained(trial: &Trial, name: &[u8]) -> Verdict {
    disposition(trial, name).await?;
    Ok(())
}

async fn in_ascii(trial: &Trial, name: &[u8]) -> Verdict {
    let line = disposition(trial, name).await?;
    if line.is_ascii() {
        return Ok(());
    }
    Err(Stop::failed("ASCII", line))
}

/// What the download of a file with this name is called, which is sound.
async fn disposition(trial: &Trial, name: &[u8]) -> Result<String, Stop> {
    let upload = trial.described(&[("filename", name)]).await?;
    let answer = upload.get().send().await?;
    answer.status(&[200])?;
    let lines: Vec<_> = answer
        .lines("content-disposition")
        .map(String::from_utf8_lossy)
        .collect();
    match lines.as_slice() {
        [] => Err(Stop::NotApplicable("downloads have no name".to_owned())),
        [line] if is_sound(line) => Ok(line.clone().into_owned()),
        _ => Err(Stop::failed(
            "one type, and each parameter once",
            answer.shown("content-disposition"),
        )),
    }
}

/// A type, and then parameters, each one once.
fn is_sound(line: &str) -> bool {
    let (kind, mut rest) = line.split_at(line.find(';').unwrap_or(line.len()));
    let mut names = Vec::new();
    while let Some(parameter) = rest.strip_prefix(';') {
        let Some((name, value)) = parameter.trim_start().split_once('=') else {
            return false;
        };
        let Some(behind) = behind_value(value.trim_start()) else {
            return false;
        };
        names.push(name.trim().to_ascii_lowercase());
        rest = behind.trim_start();
    }
    let count = names.len();
    names.sort();
    names.dedup();
    rest.is_empty()
        && is_token(kind.trim())
        && names.len() == count
        && names.iter().all(|name| is_token(name))
}

/// What stands behind a token or a quoted string.
fn behind_value(value: &str) -> Option<&str> {
    let Some(quoted) = value.strip_prefix('"') else {
        let end = value.find(';').unwrap_or(value.len());
        let (token, behind) = value.split_at(end);
        return is_token(token.trim()).then_some(behind);
    };
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return quoted.get(place + 1..),
            '\\' => {
                characters.next();
            }
            _ => {}
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    let is_part = |character: char| {
        character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
    };
    !text.is_empty() && text.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn what_is_sound() {
        for line in [
            "attachment",
            "inline;filename=a.txt",
            r#"attachment; filename="a\"; b"; filename*=UTF-8''a%22"#,
        ] {
            assert!(is_sound(line), "{line}");
        }
        for line in [
            "",
            "attachment; filename",
            r#"attachment; filename="a\""#,
            r#"attachment; filename="a"b""#,
            r#"attachment; filename="a"; filename="b""#,
            "attachment; filename=a b",
        ] {
            assert!(!is_sound(line), "{line}");
        }
    }
}
