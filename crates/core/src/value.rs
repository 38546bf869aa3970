//! Values as they cross the border to a database, and the rows that come back.

/// One value. Text protocols return everything as [`Value::Text`], so decoders go through the `as_` methods.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A floating point number.
    Float(f64),
    /// Text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
}

impl Value {
    /// The text of this value; `None` for NULL and for bytes that are not UTF-8.
    pub fn as_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(value) => Some(value.to_string()),
            Self::Float(value) => Some(value.to_string()),
            Self::Text(value) => Some(value.clone()),
            Self::Bytes(value) => String::from_utf8(value.clone()).ok(),
        }
    }

    /// The integer of this value, also from its text.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            Self::Text(value) => value.trim().parse().ok(),
            Self::Bytes(value) => std::str::from_utf8(value).ok()?.trim().parse().ok(),
            Self::Null | Self::Float(_) => None,
        }
    }

    /// The boolean of this value, also from the spellings servers use (`t`, `true`, `1`, `ON`, `YES`).
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Text(_) | Self::Bytes(_) => match self.as_text()?.to_ascii_lowercase().as_str() {
                "t" | "true" | "1" | "on" | "yes" => Some(true),
                "f" | "false" | "0" | "off" | "no" => Some(false),
                _ => None,
            },
            Self::Null | Self::Float(_) => None,
        }
    }

    /// Whether this is NULL.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of a result, values in the order of the query's columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The values.
    pub values: Vec<Value>,
}

impl Row {
    /// A row from its values.
    pub const fn new(values: Vec<Value>) -> Self {
        Self { values }
    }

    /// The value of a column, NULL when the row is shorter.
    pub fn get(&self, column: usize) -> &Value {
        self.values.get(column).unwrap_or(&Value::Null)
    }

    /// The text of a column, see [`Value::as_text`].
    pub fn text(&self, column: usize) -> Option<String> {
        self.get(column).as_text()
    }

    /// The integer of a column, see [`Value::as_int`].
    pub fn int(&self, column: usize) -> Option<i64> {
        self.get(column).as_int()
    }

    /// The boolean of a column, see [`Value::as_bool`].
    pub fn bool(&self, column: usize) -> Option<bool> {
        self.get(column).as_bool()
    }
}
