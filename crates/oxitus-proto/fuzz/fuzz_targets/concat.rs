#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| oxitus_proto_fuzz::run("concat", input));
