//! Which digits a length has, and which other characters it has not.

use super::{is, malformed, read_as, refused, survived};
use crate::case::{Case, run};
use crate::spec::{Strength, UPLOAD_LENGTH};
use crate::statement::Statement;

pub(in crate::catalogue::creation) const STATEMENTS: &[Statement] = &[
    Statement::must("LEN-01", UPLOAD_LENGTH, "A length is not negative."),
    Statement::must("LEN-02", UPLOAD_LENGTH, "A length has no sign, not even 0."),
    Statement::must("LEN-03", UPLOAD_LENGTH, "A length has no plus."),
    Statement::must(
        "LEN-04",
        UPLOAD_LENGTH,
        "Zeros before a length do not make it another one.",
    ),
    Statement::must(
        "LEN-06",
        UPLOAD_LENGTH,
        "A length is one number, and no list.",
    ),
    Statement::must(
        "LEN-07",
        UPLOAD_LENGTH,
        "A length is an integer, in digits.",
    ),
    Statement::must("LEN-08", UPLOAD_LENGTH, "A length is not empty."),
    Statement::must(
        "LEN-09",
        UPLOAD_LENGTH,
        "A length is a number, and no word.",
    ),
    Statement::must("LEN-10", UPLOAD_LENGTH, "A length may be 0."),
    Statement::must(
        "LEN-23",
        UPLOAD_LENGTH,
        "Bytes that are not ASCII are no digits.",
    ),
];

pub(in crate::catalogue::creation) const CASES: &[Case] = &[
    Case::new("LEN-01.1", "-1 is refused", run!(refused, "-1")),
    Case::new("LEN-01.2", "-1 is refused with 400", run!(malformed, "-1")).resolution("A08"),
    Case::new("LEN-02.1", "-0 is refused or 0", run!(read_as, "-0", "0")),
    Case::new("LEN-02.2", "-0 is refused with 400", run!(malformed, "-0")).resolution("A08"),
    Case::new("LEN-03.1", "+5 is refused or 5", run!(read_as, "+5", "5")),
    Case::new("LEN-03.2", "+5 is refused with 400", run!(malformed, "+5")).resolution("A08"),
    Case::new("LEN-04.1", "05 is refused or 5", run!(read_as, "05", "5")),
    Case::new("LEN-04.2", "000 is refused or 0", run!(read_as, "000", "0")),
    Case::new("LEN-04.3", "05 is 5", run!(is, "05", "5")).resolution("A08"),
    Case::new("LEN-04.4", "000 is 0", run!(is, "000", "0")).resolution("A08"),
    Case::new(
        "LEN-06.1",
        "two numbers are refused with 400",
        run!(malformed, "5 0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.2",
        "a list is refused with 400",
        run!(malformed, "5,5"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.3",
        "a number with a parameter is refused with 400",
        run!(malformed, "5;q=1"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-06.4",
        "two numbers make no server error",
        run!(survived, "5 0"),
    )
    .strength(Strength::Should),
    Case::new("LEN-07.1", "5.0 is refused or 5", run!(read_as, "5.0", "5")),
    Case::new(
        "LEN-07.2",
        "5.0 is refused with 400",
        run!(malformed, "5.0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.3",
        "5e3 is refused with 400",
        run!(malformed, "5e3"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.4",
        "0x5 is refused with 400",
        run!(malformed, "0x5"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.5",
        "1_0 is refused with 400",
        run!(malformed, "1_0"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.6",
        "a digit of double width is refused with 400",
        run!(malformed, "１"),
    )
    .resolution("A08"),
    Case::new(
        "LEN-07.7",
        "an Arabic digit is refused with 400",
        run!(malformed, "٥"),
    )
    .resolution("A08"),
    Case::new("LEN-07.8", "5.5 is refused", run!(refused, "5.5")),
    Case::new("LEN-08.1", "an empty length is refused", run!(refused, "")),
    Case::new(
        "LEN-08.2",
        "an empty length is refused with 400",
        run!(malformed, ""),
    )
    .resolution("A08"),
    Case::new("LEN-09.1", "a word is refused", run!(refused, "abc")),
    Case::new("LEN-09.2", "`NaN` is refused", run!(refused, "NaN")),
    Case::new(
        "LEN-09.3",
        "`Infinity` is refused",
        run!(refused, "Infinity"),
    ),
    Case::new(
        "LEN-09.4",
        "a word is refused with 400",
        run!(malformed, "abc"),
    )
    .resolution("A08"),
    Case::new("LEN-10.1", "0 is 0", run!(is, "0", "0")).strength(Strength::Should),
    Case::new(
        "LEN-23.1",
        "a superscript two is refused",
        run!(refused, b"\xb2"),
    ),
    Case::new(
        "LEN-23.2",
        "a space of Latin-1 behind the length makes no server error",
        run!(survived, b"5\xa0"),
    )
    .strength(Strength::Should),
];
