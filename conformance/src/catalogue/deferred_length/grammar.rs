//! What `Upload-Length` may look like in a PATCH.

use crate::case::{Case, Need, run};
use crate::session::Extension::CreationDeferLength;
use crate::trial::{Trial, Verdict};

const DEFERS: &[Need] = &[Need::Offered(CreationDeferLength)];

pub(super) const CASES: &[Case] = &[
    Case::new(
        "CDL-06.14",
        "`Upload-Length: -1` is refused in a PATCH",
        run!(refused, &["-1"], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.15",
        "`Upload-Length: +5` is refused in a PATCH",
        run!(refused, &["+5"], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.16",
        "`Upload-Length: 5.0` is refused in a PATCH",
        run!(refused, &["5.0"], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.17",
        "`Upload-Length: 5,5` is refused in a PATCH",
        run!(refused, &["5,5"], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.18",
        "`Upload-Length: abc` is refused in a PATCH",
        run!(refused, &["abc"], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.19",
        "`Upload-Length` without a value is refused in a PATCH",
        run!(refused, &[""], 400),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.20",
        "two lines of `Upload-Length` are refused in a PATCH",
        run!(refused, &["5", "5"], 400),
    )
    .needs(DEFERS)
    .resolution("A05"),
    Case::new(
        "CDL-06.21",
        "a number of 100 digits is too large",
        run!(refused, &[DIGITS_100], 413),
    )
    .needs(DEFERS)
    .resolution("A08"),
    Case::new(
        "CDL-06.22",
        "zeros before the number do not count",
        run!(leading_zeros),
    )
    .needs(DEFERS)
    .resolution("A08"),
];

const DIGITS_100: &str = "9999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999";

async fn refused(trial: &Trial, lines: &[&str], status: u16) -> Verdict {
    let upload = trial.deferred().await?;
    let mut call = upload.patch(0).body("abc");
    for line in lines {
        call = call.field("Upload-Length", line);
    }
    call.send().await?.status(&[status])?;
    let told = upload.told().await?;
    told.has("upload-offset", "0")?.lacks("upload-length")?;
    Ok(())
}

async fn leading_zeros(trial: &Trial) -> Verdict {
    let upload = trial.deferred().await?;
    let call = upload.patch(0).field("Upload-Length", "005");
    call.send().await?.status(&[204])?;
    upload.told().await?.has("upload-length", "5")?;
    Ok(())
}
