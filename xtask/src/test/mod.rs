//! stub
pub(crate) fn run(_: &crate::arguments::TestOptions) -> Result<std::process::ExitCode, String> {
    Err("x".into())
}
