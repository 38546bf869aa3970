//! x
use shoring_core::{Facts, Product, ServerVersion, TransactionRule};
/// x
pub fn classify(_sql: &str, _product: Product, _version: ServerVersion) -> Facts {
    Facts { verb: String::new(), transaction: TransactionRule::Allowed, is_ddl: false, changes_session: true, targets: Vec::new(), is_idempotent: false }
}
