//! What the splitter must know about the server the text is for.

use shoring_core::{Dialect, Product};

/// How to read a text at its beginning; a `SET` in it changes the rest. Get one from [`SplitOptions::for_product`] and change what the session differs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitOptions {
    /// The SQL family.
    pub dialect: Dialect,
    /// The product: MariaDB executes `/*M! … */` comments, knows `BEGIN NOT ATOMIC` and packages, MySQL does not.
    pub product: Product,
    /// MySQL and MariaDB: whether a backslash escapes in strings; false under `NO_BACKSLASH_ESCAPES`.
    pub backslash_escapes: bool,
    /// MySQL and MariaDB: whether `"` begins a name, in which a backslash does not escape; true under `ANSI_QUOTES`.
    pub ansi_quotes: bool,
    /// PostgreSQL: whether a backslash is an ordinary character in `'…'`; true unless the session turned
    /// `standard_conforming_strings` off.
    pub standard_conforming_strings: bool,
}

impl SplitOptions {
    /// The options for a server of this product with its default settings.
    pub const fn for_product(product: Product) -> Self {
        Self {
            dialect: product.dialect(),
            product,
            backslash_escapes: true,
            ansi_quotes: false,
            standard_conforming_strings: true,
        }
    }
}
