//! The catalogue for people: every statement with its cases, in Markdown.

use std::fmt::Write;

use super::matrix::escape;
use crate::case::Case;
use crate::catalogue::{CHAPTERS, Chapter, POINTS, cases, statements};
use crate::statement::Statement;

/// The whole catalogue.
pub(crate) fn catalogue() -> String {
    let untried = statements().filter(|statement| statement.untried.is_some());
    let mut text = format!(
        "# The catalogue\n\n\
         What `tus-conformance` holds servers to: {} statements and {} cases. \
         This page is printed by `tus-conformance catalogue`.\n\n\
         A case with a point in brackets, like [A08], tries our answer where the documents leave a \
         choice. It runs with `--resolutions` only.\n",
        statements().count(),
        cases().count(),
    );
    for chapter in CHAPTERS {
        text.push_str(&chapter_text(chapter));
    }
    text.push_str(
        "\n## Our answers\n\n| | What is left open | What oxitus does |\n|---|---|---|\n",
    );
    for point in POINTS {
        let (question, answer) = (escape(point.question), escape(point.answer));
        line(
            &mut text,
            format_args!("| {} | {question} | {answer} |", point.id),
        );
    }
    text.push_str("\n## What no case tries\n\n| Statement | Why |\n|---|---|\n");
    for statement in untried {
        let reason = escape(statement.untried.unwrap_or_default());
        line(
            &mut text,
            format_args!("| {} {} | {reason} |", statement.id, escape(statement.text)),
        );
    }
    text
}

fn chapter_text(chapter: &Chapter) -> String {
    let mut text = format!("\n## {}\n", chapter.name);
    for statement in chapter.statements.iter().copied().flatten() {
        if statement.untried.is_some() {
            continue;
        }
        line(
            &mut text,
            format_args!(
                "\n**{}** {} {}",
                statement.id, statement.strength, statement.text
            ),
        );
        line(&mut text, format_args!("({})\n", source(statement)));
        let tried = chapter.cases.iter().copied().flatten();
        for case in tried.filter(|case| case.statement_id() == statement.id) {
            line(
                &mut text,
                format_args!("- `{}` {}{}", case.id, case.about, remarks(case)),
            );
        }
    }
    text
}

fn source(statement: &Statement) -> String {
    let section = statement.section;
    match section.url {
        "" => section.title.to_owned(),
        url => format!("[{}]({url})", section.title),
    }
}

fn remarks(case: &Case) -> String {
    let strength = case
        .strength
        .map(|strength| format!(" ({strength})"))
        .unwrap_or_default();
    let resolution = case
        .resolution
        .map(|point| format!(" [{point}]"))
        .unwrap_or_default();
    strength + &resolution
}

/// Writing to a string does not fail.
fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{arguments}");
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_is_that_of_this_catalogue() {
        let page = include_str!("../../CASES.md");
        let command = "cargo run -p tus-conformance -- catalogue > conformance/CASES.md";
        assert!(
            page == super::catalogue(),
            "the page is out of date: {command}"
        );
    }
}
