//! Settings: which database, which folder, how patient. Every value remembers where it came from.
//!
//! Precedence: flag, environment, `.env`, `shoring.toml` (`[env.NAME]` before the top level), the host tool's own
//! configuration, default. Nothing here reads the environment or the working directory: both come in with
//! [`Surroundings`](crate::Surroundings). Start reading at [`Settings::load`]; the table of all settings is [`KEYS`].
//!
//! No message of this module contains a value of `database` or a password.

mod config_file;
mod database;
mod dotenv;
mod duration;
mod edit;
mod entries;
mod excerpt;
mod host_tool;
mod keys;
mod layers;
mod load;
mod origin;
mod overrides;
mod password;
mod suggest;

pub use duration::{format_duration, parse_duration};
pub(crate) use edit::{Edit, edited, needed};
pub use entries::Entry;
pub(crate) use host_tool::{HostVariables, dotenv_variables};
pub use keys::{KEYS, Key, Shape};
pub use load::{DEFAULT_DATABASE, Settings};
pub use origin::{Origin, Sourced};
pub use overrides::Overrides;
pub use suggest::did_you_mean;
