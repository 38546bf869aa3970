//! Compares an index that exists with the one a statement asks for, each database in its own way.

mod mariadb;
mod postgresql;
mod refuse;
mod sqlite;
