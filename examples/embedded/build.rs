//! Puts the migrations into the program, and has Cargo build it again when a file comes, goes or changes.

fn main() {
    shoring_embed::folder("migrations");
}
