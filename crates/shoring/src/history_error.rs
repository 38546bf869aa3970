//! What a format says of its history table, as an error of the engine.

use crate::error::{Error, ErrorKind};
use shoring_formats::HistoryError;

/// What a history table cannot hold or say, as an error of the engine.
pub(crate) fn history_error(error: &HistoryError) -> Error {
    match error {
        HistoryError::CannotSay { .. } => {
            Error::new(ErrorKind::Refused, "history-cannot-say", error.to_string())
        }
        HistoryError::OtherTool { .. } | HistoryError::BadRow { .. } => {
            Error::new(ErrorKind::Mismatch, "damaged-history", error.to_string())
        }
        HistoryError::DoesNotFit { .. } => {
            Error::new(ErrorKind::Usage, "does-not-fit", error.to_string())
        }
    }
}
