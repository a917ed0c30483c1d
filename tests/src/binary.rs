//! Finds the server, and builds it where it is missing or out of date.
//!
//! Cargo tells a package about binaries of its own only, so the harness looks beside itself: the
//! server lies in the directory of the profile that the harness was built with.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The server binary: what the environment variable `OXITUS_SERVER_BIN` names, else one that is
/// built here, in the profile of the program that is running.
pub fn server_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        std::env::var_os("OXITUS_SERVER_BIN").map_or_else(build_server, PathBuf::from)
    })
}

/// Leaves it to Cargo to find out whether there is anything to do; it takes its own lock.
fn build_server() -> PathBuf {
    let profile_directory = profile_directory();
    let profile = match profile_directory.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut build = Command::new(cargo);
    // Cargo tells a test of its package in variables. Build scripts of others take them for changes,
    // so that half of the server would be built again, and once more after the tests.
    for (name, _) in std::env::vars_os() {
        let of_a_package = ["CARGO_PKG_", "CARGO_MANIFEST_"];
        if of_a_package
            .iter()
            .any(|prefix| name.to_string_lossy().starts_with(prefix))
        {
            build.env_remove(name);
        }
    }
    let status = build
        .args([
            "build",
            "--quiet",
            "--package",
            "oxitus-server",
            "--profile",
            profile,
        ])
        .arg("--manifest-path")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"))
        .arg("--target-dir")
        .arg(
            profile_directory
                .parent()
                .expect("a profile lies in a target directory"),
        )
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the server does not build");
    profile_directory.join(format!("oxitus-server{}", std::env::consts::EXE_SUFFIX))
}

/// Tests run from `<profile>/deps`, programs from `<profile>`.
fn profile_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows where it lies");
    let directory = program.parent().expect("a program lies in a directory");
    match directory.file_name() {
        Some(name) if name == "deps" => directory.parent().unwrap_or(directory).to_owned(),
        _ => directory.to_owned(),
    }
}
