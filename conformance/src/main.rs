//! `tus-conformance`: the program. What it does is in the library.

fn main() -> std::process::ExitCode {
    tus_conformance::cli::main()
}
